/* Shows the preview of a chart's form without leaving it. The answer is the page that a browser without scripts shows:
   its picture and its errors are taken from it. */
(() => {
  const section = document.getElementById("charts-preview");
  const button = document.getElementById("charts-preview-button");
  if (!section || !button) return;
  const form = button.form;
  const result = section.querySelector(".charts-preview-result");
  let running;

  const clearErrors = () => {
    form.querySelectorAll("ul.errorlist").forEach((list) => list.remove());
    form.querySelectorAll(".errors").forEach((row) => row.classList.remove("errors"));
    form.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
  };

  /* Puts the errors that belong to a field beside it; returns the others. */
  const placeErrors = (page) =>
    [...page.querySelectorAll("ul.errorlist")].filter((list) => {
      const input = list.id.endsWith("_error") && document.getElementById(list.id.slice(0, -"_error".length));
      const place = input && form.contains(input) && input.closest(".fieldBox, .form-row, td");
      if (!place) return true;
      place.classList.add("errors");
      place.prepend(document.importNode(list, true));
      input.setAttribute("aria-invalid", "true");
      return false;
    });

  const show = (page) => {
    clearErrors();
    const others = placeErrors(page).map((list) => document.importNode(list, true));
    const found = page.querySelector("#charts-preview .charts-preview-result");
    result.replaceChildren(...others, ...[...found.childNodes].map((node) => document.importNode(node, true)));
  };

  const ask = async () => {
    running?.abort();
    const mine = (running = new AbortController());
    section.setAttribute("aria-busy", "true");
    result.textContent = button.dataset.drawing;
    try {
      const answer = await fetch(button.formAction, { method: "POST", body: new FormData(form), signal: mine.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok || !page.getElementById("charts-preview")) throw new Error(answer.statusText);
      show(page);
    } catch (error) {
      if (error.name === "AbortError") return;
      result.textContent = "";
      button.dataset.plain = "yes";
      form.requestSubmit(button); // whatever is wrong, the server says it
    } finally {
      if (mine === running) section.removeAttribute("aria-busy");
    }
  };

  form.addEventListener("submit", (event) => {
    if (event.submitter !== button || button.dataset.plain) return;
    event.preventDefault();
    ask();
  });
})();
