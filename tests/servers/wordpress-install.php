<?php
// wordpress-install.php SITE POSTS: installs WordPress, makes posts a minute apart, prints an application password.
define('WP_INSTALLING', true);
[, $site, $posts] = $argv;
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require "$site/wp-load.php";
require_once "$site/wp-admin/includes/upgrade.php";
wp_install('Headwater test', 'admin', 'admin@example.test', false, '', 'not-used-to-log-in');
foreach (get_posts(['numberposts' => -1, 'post_status' => 'any']) as $post) wp_delete_post($post->ID, true);
for ($i = 1; $i <= (int)$posts; $i++) {
    $time = gmdate('Y-m-d H:i:s', 1704067200 + 60 * $i);
    wp_insert_post([
        'post_title' => "Post $i", 'post_content' => str_repeat("Text of post $i with \"quotes\" and Zoë. ", 5),
        'post_status' => 'publish', 'post_author' => 1, 'post_date' => $time, 'post_date_gmt' => $time,
    ]);
}
[$password] = WP_Application_Passwords::create_new_application_password(1, ['name' => 'headwater']);
fwrite(STDOUT, $password);
