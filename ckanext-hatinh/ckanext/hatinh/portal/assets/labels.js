// Names the boxes that CKAN's module for suggestions puts beside inputs that it hides: their labels
// still point at the inputs.
(() => {
  const name = () => {
    for (const box of document.querySelectorAll(".select2-selection:not([aria-label])")) {
      const label = box.closest(".select2-container")?.previousElementSibling?.labels?.[0];
      if (label) box.setAttribute("aria-label", label.textContent.replace("*", "").trim());
    }
  };
  new MutationObserver(name).observe(document.documentElement, { childList: true, subtree: true });
  name();
})();
