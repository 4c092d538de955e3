import { defineConfig, type Plugin } from 'vite';

// The design system brings its own few words in more than thirty languages; the application speaks one.
function englishOnly(): Plugin {
  return {
    name: 'english-only',
    enforce: 'pre',
    load(id) {
      const locale = /[\\/]([a-z]{2}-[A-Z]{2})\.(?:main\.)?m?js$/.exec(id.split('?')[0])?.[1];
      return locale && locale !== 'en-US' && id.includes('node_modules') ? 'export default {};' : undefined;
    },
  };
}

export default defineConfig({
  plugins: [englishOnly()],
  esbuild: { jsx: 'automatic' },
  build: { target: 'es2022', reportCompressedSize: false, chunkSizeWarningLimit: 2000, assetsInlineLimit: 4096,
    rollupOptions: { onwarn: (warning, warn) => warning.code !== 'MODULE_LEVEL_DIRECTIVE' && warning.code !== 'SOURCEMAP_ERROR' && warn(warning) } },
});
