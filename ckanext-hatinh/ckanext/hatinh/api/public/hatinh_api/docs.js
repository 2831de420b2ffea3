/* Starts Swagger UI on the page of the API, and puts its own words, which it has in English only,
   into the language of the page. */
(() => {
  "use strict";
  const place = document.getElementById("ht-api");
  const words = new Map(Object.entries(JSON.parse(place.dataset.words)));

  const translate = (text) => {
    const said = words.get(text.nodeValue.trim());
    if (said && said !== text.nodeValue.trim()) text.nodeValue = said;
  };

  /* What Swagger UI leaves unnamed for those who hear the page. */
  const name = (root) => {
    for (const box of root.querySelectorAll("select, input, textarea")) {
      if (box.labels?.length || box.hasAttribute("aria-label")) continue;
      const row = box.closest("tr[data-param-name]");
      const said = row?.dataset.paramName || box.placeholder || words.get("Media type");
      box.setAttribute("aria-label", said);
    }
    for (const box of root.querySelectorAll("pre, .microlight, .highlight-code > *")) {
      box.setAttribute("tabindex", "0");
    }
  };

  const mend = (root) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      if (!texts.currentNode.parentElement.closest("pre, textarea, code")) translate(texts.currentNode);
    }
    name(place);
  };

  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (node.nodeType === Node.ELEMENT_NODE) mend(node);
        else if (node.nodeType === Node.TEXT_NODE) translate(node);
      }
    }
  }).observe(place, { childList: true, subtree: true });

  SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    supportedSubmitMethods: ["get", "post"],
    tryItOutEnabled: true,
    validatorUrl: null,
  });
})();
