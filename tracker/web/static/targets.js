// Schemes and targets: the effect of exclusions follows what is typed; a column of amounts is typed and pasted
// as in a spreadsheet. Without this script the same pages work by their buttons.

const WAIT = 400; // milliseconds after the last key

function startEffects(form) {
  let timer;
  let turn = 0;

  async function refresh() {
    const asked = ++turn;
    const sent = new FormData(form);
    sent.set("act", "check");
    try {
      const answer = await fetch(form.action || location.href, { method: "POST", body: sent });
      if (!answer.ok || asked !== turn) return; // What is half typed makes no rule yet.
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      form.querySelector("#effects").replaceChildren(...page.getElementById("effects").childNodes);
    } catch {
      // The network is away; the button still says so when it is pressed.
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, WAIT);
  });
}

function startColumn(form) {
  const inputs = [...form.querySelectorAll("tbody.entry-lines input:not([type=hidden])")];
  const sum = form.querySelector(".column-sum");
  const rest = form.querySelector(".column-rest");
  // As the server reads amounts: commas, a minus sign or △ in front.
  const won = (text) => {
    const plain = text.replace(/[,\s원₩]/g, "").replace(/^[△▲]/, "-");
    return /^-?\d+$/.test(plain) ? BigInt(plain) : 0n;
  };

  function add() {
    if (!sum) return;
    const total = inputs.reduce((found, input) => found + won(input.value), 0n);
    sum.textContent = total.toLocaleString("ko-KR");
    rest.textContent = (BigInt(form.dataset.whole) - total).toLocaleString("ko-KR");
  }

  form.addEventListener("input", add);
  form.addEventListener("paste", (event) => {
    const place = inputs.indexOf(event.target);
    const lines = event.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n$/, "").split("\n");
    if (place < 0 || lines.length < 2) return;
    event.preventDefault();
    lines.slice(0, inputs.length - place).forEach((line, down) => {
      inputs[place + down].value = line.split("\t").at(-1).trim();
    });
    add();
  });
  form.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, Enter: event.shiftKey ? -1 : 1 }[event.key];
    const next = inputs[inputs.indexOf(event.target) + step];
    if (!step || event.isComposing || !inputs.includes(event.target)) return;
    event.preventDefault();
    next?.focus();
    next?.select();
  });
}

document.querySelectorAll("form[data-effects]").forEach(startEffects);
document.querySelectorAll("form[data-column]").forEach(startColumn);
document.querySelector(".error-summary")?.focus();
