/* Follows a batch of charts, and has them drawn where there is no worker for it. The page is right without this script
   too: it is loaded again every few seconds then. */
(() => {
  const root = document.getElementById("charts-batch");
  if (!root) return;
  const EVERY = 2000, RARELY = 15000, DRIVING = 100, SPOKEN = 15000, TURN = 60000;
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  const bar = root.querySelector("progress");
  const notice = root.querySelector("[data-notice]");
  const spoken = root.querySelector("[data-spoken]");
  const title = document.title;
  let drive = Boolean(root.dataset.drive);
  let state = root.dataset.state;
  let spokenAt = Date.now(), drivenSince = spokenAt;
  let timer, busy;

  const tell = (sentence) => {
    notice.textContent = sentence;
    notice.hidden = !sentence;
  };

  /* Not each step: a screen reader would speak of nothing else. */
  const speak = (sentence, now) => {
    if (!now && Date.now() - spokenAt < SPOKEN) return;
    spokenAt = Date.now();
    spoken.textContent = sentence;
  };

  const line = (failure) => {
    const row = document.createElement("tr"), head = document.createElement("th"), why = document.createElement("td");
    const link = document.createElement("a");
    head.scope = "row";
    link.href = failure.url;
    link.textContent = failure.name;
    why.textContent = failure.error;
    head.append(link);
    row.append(head, why);
    return row;
  };

  const list = (failures) => {
    const section = root.querySelector("[data-failures]"), body = section.querySelector("tbody");
    section.hidden = !failures.length;
    const rows = failures.map(line);
    const same = rows.length === body.rows.length && rows.every((row, place) => row.isEqualNode(body.rows[place]));
    if (!same) body.replaceChildren(...rows); // else whoever has a link in focus would lose it
  };

  const show = (found) => {
    for (const element of root.querySelectorAll("[data-text]")) element.textContent = found[element.dataset.text];
    for (const element of root.querySelectorAll("[data-figure]")) {
      element.textContent = found.figures[element.dataset.figure];
    }
    for (const element of root.querySelectorAll("[data-when]")) element.hidden = element.dataset.when !== found.state;
    for (const element of root.querySelectorAll("[data-driving]")) element.hidden = !drive;
    root.querySelector("[data-when-failed]").hidden = !found.failures.length || found.state === "cancelled";
    bar.max = found.total || 1;
    bar.value = found.done;
    // A tab in the background says how far it is, too.
    document.title = found.left ? `${Math.floor((100 * found.done) / bar.max)} % · ${title}` : title;
    list(found.failures);
    speak(`${found.said} ${found.remaining}`, found.state !== state);
    state = found.state;
    root.dataset.state = state;
    root.dataset.left = found.left;
  };

  const ask = async () => {
    clearTimeout(timer);
    if (busy) return;
    busy = true;
    let pause = document.hidden ? RARELY : EVERY, over = false;
    try {
      const body = new URLSearchParams({ csrfmiddlewaretoken: token, ...(drive && { drive: "1" }) });
      const answer = await fetch(root.dataset.progress, { method: "POST", body, redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404) {
        tell(answer.status === 404 ? root.dataset.gone : root.dataset.out);
        over = true;
      } else {
        if (!answer.ok) throw new Error(answer.statusText);
        const found = await answer.json();
        tell("");
        // Not for ever on one answer: a worker may have come, and is there to see when this page pauses.
        const goes = drive && Date.now() - drivenSince < TURN;
        if (!goes) drivenSince = Date.now();
        drive = found.state === "running" && (goes || found.drive);
        // Else it was another tab's turn, or a chart takes long: to ask at once would draw nothing.
        if (drive && found.done > bar.value) pause = DRIVING;
        show(found);
        if (found.state !== "running" && !found.drawing) {
          over = !found.failures.length;
          pause = RARELY; // what has failed, workers may try again
        }
      }
    } catch {
      tell(root.dataset.lost);
      pause = 2 * EVERY;
    } finally {
      busy = false;
    }
    if (!over) timer = setTimeout(ask, pause);
  };

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && timer) ask();
  });
  if (state !== "finished" || root.querySelector("tbody tr")) ask();
})();
