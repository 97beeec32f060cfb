// Copying a letter, and ticking all departments shown; without script a person selects and ticks by hand.

for (const button of document.querySelectorAll("[data-copies]")) {
  const text = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    text.select();
    if (navigator.clipboard) await navigator.clipboard.writeText(text.value);
    else document.execCommand("copy");
    button.textContent = button.dataset.done;
  });
}

for (const all of document.querySelectorAll("[data-ticks]")) {
  all.closest("[hidden]").hidden = false;
  all.addEventListener("change", () => {
    for (const each of document.getElementsByName(all.dataset.ticks)) each.checked = all.checked;
  });
}
