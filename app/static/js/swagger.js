/* Starts the viewer of the API. */
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("swagger-ui");
  if (!place) return;
  window.SwaggerUIBundle({
    url: place.dataset.openapi,
    domNode: place,
    presets: [window.SwaggerUIBundle.presets.apis, window.SwaggerUIBundle.SwaggerUIStandalonePreset],
    layout: "BaseLayout",
  });
});
