// Fetches the page anew every few seconds while a run is under way, and puts the changed part in.
// The page says so itself: the part with data-refresh (seconds) is there only while it may change.
(() => {
  "use strict";
  const part = () => document.querySelector("[data-refresh]");

  const renew = async () => {
    const old = part();
    if (!old) return;
    if (!document.hidden && !old.contains(document.activeElement)) {
      const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
      if (answer && answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(old.id);
        if (fresh && !fresh.hasAttribute("data-refresh")) {
          location.reload();
          return;
        }
        if (fresh) old.replaceWith(fresh);
      }
    }
    plan();
  };

  const plan = () => {
    const found = part();
    if (found) setTimeout(renew, Number(found.dataset.refresh) * 1000);
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", plan);
  else plan();
})();
