// Brings the hints of a form to their inputs: each is read out with its input, and says when the
// input has been changed. Without this script the list above the form leads to the inputs.
(() => {
  const list = document.querySelector("[data-hints]");
  const form = list?.closest("form");
  if (!form) return;
  const told = list.querySelector("[role=status]");
  const changed = new Set();
  const inputs = new Set();

  const find = (name) => form.querySelector(`#field-${CSS.escape(name)}`);
  // What CKAN's module for suggestions puts beside an input that it hides.
  const reached = (input) => {
    const beside = input.nextElementSibling;
    if (!beside?.matches(".select2-container")) return input;
    const within = (part) => beside.querySelector(`.select2-${part}`);
    return within("search__field") ?? within("selection") ?? input;
  };

  const attach = (link) => {
    const name = link.dataset.input;
    const input = find(name);
    if (!input || inputs.has(name)) return;
    inputs.add(name);
    const hint = document.createElement("p");
    hint.className = "ht-hint";
    hint.id = `hint-${name}`;
    hint.textContent = link.dataset.hint;
    (input.closest(".controls") ?? input.parentElement).append(hint);
    const describe = () => {
      const target = reached(input);
      const before = (target.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
      if (before.includes(hint.id)) return;
      target.setAttribute("aria-describedby", [...before, hint.id].join(" "));
    };
    describe();
    // The module comes later than this script, and says again by what its box is described.
    const watched = { childList: true, subtree: true, attributeFilter: ["aria-describedby"] };
    new MutationObserver(describe).observe(input.parentElement, watched);
    const first = input.value;
    input.addEventListener("change", () => {
      if (input.value === first || !input.value) changed.delete(name);
      else changed.add(name);
      told.textContent = changed.size ? list.dataset.changed
        .replace("{number}", changed.size).replace("{all}", inputs.size) : "";
    });
  };

  for (const link of list.querySelectorAll("a[data-input]")) attach(link);
  list.addEventListener("click", (event) => {
    const input = find(event.target.dataset?.input ?? "");
    if (!input) return;
    event.preventDefault();
    reached(input).scrollIntoView({ block: "center" });
    reached(input).focus();
  });
})();
