// Keeps the chosen file on the page: the answer to a check takes the place of the one before.
// Without this script the form works too; the file then has to be chosen again each time.
(() => {
  const form = document.getElementById("check");
  if (!form) return;

  form.addEventListener("submit", async (event) => {
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    const buttons = form.querySelectorAll("button[type=submit]");
    buttons.forEach((button) => { button.disabled = true; });
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById("check-result");
      if (!found) throw new Error(answer.statusText);
      document.getElementById("check-result").replaceWith(found);
      found.focus();
    } catch {
      form.submit();
    } finally {
      buttons.forEach((button) => { button.disabled = false; });
      form.removeAttribute("aria-busy");
    }
  });

  // Another file has other columns.
  form.elements.upload.addEventListener("change", () => {
    document.getElementById("check-result").replaceChildren();
  });
})();
