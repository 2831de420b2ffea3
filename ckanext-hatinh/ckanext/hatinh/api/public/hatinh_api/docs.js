/* Starts Swagger UI on the page of the API, and puts its own words, which it has in English only,
   into the language of the page. */
(() => {
  "use strict";
  const place = document.getElementById("ht-api");
  const words = new Map(Object.entries(JSON.parse(place.dataset.words)));

  const translate = (text) => {
    const said = words.get(text.nodeValue.trim());
    if (!said || said === text.nodeValue.trim()) return;
    if (!text.parentElement?.closest("pre, textarea, code")) text.nodeValue = said;
  };

  /* What Swagger UI leaves unnamed for those who hear the page. */
  const name = (root) => {
    for (const box of root.querySelectorAll("select, input, textarea")) {
      if (box.labels?.length || box.hasAttribute("aria-label")) continue;
      const row = box.closest("tr[data-param-name]");
      const said = row?.dataset.paramName || box.placeholder || words.get("Media type");
      box.setAttribute("aria-label", said);
    }
    for (const box of root.querySelectorAll(".responses-wrapper pre, .body-param pre")) {
      box.setAttribute("tabindex", "0");
    }
    for (const parameter of root.querySelectorAll(".parameter__name.required")) {
      parameter.dataset.required = words.get("required");
    }
    for (const title of root.querySelectorAll(".opblock-tag")) title.setAttribute("aria-level", "2");
    /* The page has its own main part. */
    root.querySelector("#operations")?.setAttribute("role", "group");
  };

  const mend = (root) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) translate(texts.currentNode);
    name(place);
  };

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData") translate(change.target);
      for (const node of change.addedNodes) {
        if (node.nodeType === Node.ELEMENT_NODE) mend(node);
        else if (node.nodeType === Node.TEXT_NODE) translate(node);
      }
    }
  }).observe(place, { childList: true, characterData: true, subtree: true });

  SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    /* Its links would stand within buttons. */
    deepLinking: false,
    syntaxHighlight: { activated: false },
    plugins: [{ components: { InfoContainer: () => null, ServersContainer: () => null } }],
    docExpansion: "none",
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    supportedSubmitMethods: ["get", "post"],
    tryItOutEnabled: true,
    validatorUrl: null,
  });
})();
