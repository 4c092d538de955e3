// Shows the description of this server. Nothing is asked of any other host, and tokens live as long as the page.
SwaggerUIBundle({
  url: '/data/foundation/flowservice/openapi.yaml',
  dom_id: '#viewer',
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
});
