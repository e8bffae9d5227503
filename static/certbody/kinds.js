/* Counts the characters of a text while it is typed, against the number that the certificate prints well. */
"use strict";
(() => {
  const counter = (area) => {
    const line = document.createElement("span");
    line.className = "cb-letters";
    line.id = `${area.id}-count`;
    area.insertAdjacentElement("afterend", line);
    return line;
  };
  const prepare = (area) => {
    const words = document.getElementById("count-words");
    const well = Number(area.dataset.count);
    const line = counter(area);
    const tell = () => {
      const length = [...area.value].length;
      const text = length > well ? words.dataset.over : words.dataset.within;
      line.textContent = text.replace("{count}", length).replace("{well}", well).replace("{most}", area.maxLength);
      line.toggleAttribute("data-over", length > well);
    };
    area.addEventListener("input", tell);
    tell();
  };
  document.querySelectorAll("textarea[data-count]").forEach(prepare);
})();
