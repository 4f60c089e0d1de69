/* Has the pictures of an open page follow their charts: {% chart obj live=True %}, {% chart_live %}.
   One request tells what is shown; the answer is empty until there is news. None is made in a hidden tab. */
(() => {
  const { url, every } = document.currentScript.dataset;
  let timer, status;

  const set = (element, attributes) => {
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    return element;
  };

  const swap = (image, [...elements]) => {
    const old = image.parentNode.querySelectorAll("source");
    const [, attributes] = elements.pop();
    if (old.length === elements.length) elements.forEach((one, index) => set(old[index], one[1]));
    else {
      old.forEach((source) => source.remove());
      image.before(...elements.map(([tag, each]) => set(document.createElement(tag), each)));
    }
    set(image, attributes);
  };

  const say = (sentence) => {
    if (!status) {
      status = set(document.createElement("div"), { role: "status" });
      status.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)";
      document.body.append(status);
    }
    setTimeout(() => (status.textContent = sentence), 99);
  };

  const look = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    const images = [...document.querySelectorAll("img[data-chart]")].slice(0, 500);
    const body = new URLSearchParams(images.map((image) => ["chart", image.dataset.chart]));
    try {
      const answer = images[0] && (await fetch(url, { method: "POST", body }));
      if (answer?.status === 200) {
        const { charts, said } = await answer.json();
        for (const image of images) if (charts[image.dataset.chart]) swap(image, charts[image.dataset.chart]);
        say(said);
      }
    } catch {} // no network: the next look asks again
    wait();
  };

  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(look, every * 1000);
  };

  document.addEventListener("visibilitychange", look);
  wait();
})();
