// Sends the large file of a form in pieces before the form itself, which then only names it. A
// connection that breaks costs one piece; the same file, chosen again within a day, goes on where it
// stopped. Small files, and all of them without this script, are sent with the form.
(() => {
  const part = document.querySelector("[data-pieces]");
  const form = part?.closest("form");
  const input = form?.querySelector("input[type=file][name=upload]");
  if (!input) return;

  const PIECE = 4 << 20;
  const TRIES = 6;
  const words = part.dataset;
  const named = part.querySelector("[name=upload_id]");
  const shown = part.querySelector(".ht-pieces-shown");
  const bar = part.querySelector("progress");
  const told = part.querySelector("[role=status]");
  const goOn = part.querySelector("[data-go-on]");
  const end = part.querySelector("[data-end]");
  const token = document.querySelector(`meta[name="${
    document.querySelector("meta[name=csrf_field_name]")?.content}"]`)?.content;
  let running = null;
  let kept = null;
  try { kept = window.localStorage; } catch { /* a browser that keeps nothing begins anew */ }

  class Refused extends Error {}

  const ask = async (method, address, headers = {}, body = undefined) => {
    const all = { "Tus-Resumable": "1.0.0", ...headers };
    if (token) all["X-CSRFToken"] = token;
    const answer = await fetch(address, { method, headers: all, body, signal: running.signal });
    if (answer.ok || answer.status === 404 && method === "HEAD") return answer;
    if ([409, 423, 460].includes(answer.status) || answer.status >= 500 && answer.status !== 507) {
      throw new Error(answer.statusText);
    }
    const found = await answer.json().catch(() => null);
    throw new Refused(found?.error?.message ?? words.failed);
  };

  const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

  const keyOf = (file) =>
    ["upload", words.dataset, file.name, file.size, file.lastModified].join("|");

  const begun = async (file) => {
    const known = kept?.getItem(keyOf(file));
    if (known) {
      const answer = await ask("HEAD", known);
      if (answer.ok) return { address: known, offset: Number(answer.headers.get("Upload-Offset")) };
    }
    const encode = (text) => base64(new TextEncoder().encode(text));
    const answer = await ask("POST", words.to, {
      "Upload-Length": file.size,
      "Upload-Metadata": `dataset ${encode(words.dataset)},filename ${encode(file.name)}`,
    });
    const address = answer.headers.get("Location");
    kept?.setItem(keyOf(file), address);
    return { address, offset: 0 };
  };

  const pieceOf = async (file, offset) => {
    const body = file.slice(offset, offset + PIECE);
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": offset };
    if (window.crypto?.subtle) {
      const digest = await crypto.subtle.digest("SHA-256", await body.arrayBuffer());
      headers["Upload-Checksum"] = `sha256 ${base64(new Uint8Array(digest))}`;
    }
    return { headers, body };
  };

  const show = (file, offset) => {
    bar.max = file.size;
    bar.value = offset;
    const [done, size] = [offset, file.size].map((bytes) => (bytes / (1 << 20)).toFixed(1));
    const values = { name: file.name, done, size };
    told.textContent = words.sending.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  };

  const sent = async (file) => {
    let { address, offset } = await begun(file);
    show(file, offset);
    while (offset < file.size) {
      const { headers, body } = await pieceOf(file, offset);
      const answer = await ask("PATCH", address, headers, body);
      offset = Number(answer.headers.get("Upload-Offset"));
      show(file, offset);
    }
    return address.split("/").pop();
  };

  const wait = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });

  const sentAtLast = async (file) => {
    for (let tried = 1; ; tried += 1) {
      const before = bar.value;
      try {
        return await sent(file);
      } catch (err) {
        if (bar.value > before) tried = 0;
        if (err instanceof Refused || running.signal.aborted || tried >= TRIES) throw err;
        told.textContent = words.waiting;
        await wait(2 ** tried / 2);
      }
    }
  };

  const buttons = (busy) => {
    form.querySelectorAll("button[name=save]").forEach((button) => { button.disabled = busy; });
  };

  const give = async (file, submitter) => {
    running = new AbortController();
    shown.hidden = end.hidden = false;
    goOn.hidden = true;
    part.setAttribute("aria-busy", "true");
    try {
      named.value = await sentAtLast(file);
      kept?.removeItem(keyOf(file));
      input.disabled = true;
      buttons(false);
      form.requestSubmit(submitter);
    } catch (err) {
      told.textContent = err instanceof Refused ? err.message : words.failed;
      goOn.hidden = false;
      buttons(false);
    } finally {
      end.hidden = true;
      part.removeAttribute("aria-busy");
    }
  };

  form.addEventListener("submit", (event) => {
    const file = input.disabled ? null : input.files[0];
    if (!file || file.size <= PIECE) return;
    event.preventDefault();
    const submitter = event.submitter ?? form.querySelector("button[name=save]");
    goOn.onclick = () => { buttons(true); give(file, submitter); };
    setTimeout(() => { buttons(true); give(file, submitter); }, 0);
  });

  end.addEventListener("click", () => { running.abort(); });

  input.addEventListener("change", () => { named.value = ""; shown.hidden = true; });
})();
