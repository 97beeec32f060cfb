// Entry of purchases: suppliers are found while one types, the verdict follows the date, blocks are pasted.
// Without this script the same pages work by their buttons.

const WAIT = 200; // milliseconds after the last key
// What verdict and warnings go by; the rest stays on the page.
const JUDGED = [
  "enterprise_id", "department_id", "contracted_on", "paid_on", "fiscal_year", "amount", "tax", "kind",
  "method", "ground", "law", "quotations", "estimated_price", "directness", "nature",
];

function later(act) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), WAIT);
  };
}

async function ask(address, questions) {
  try {
    const answer = await fetch(`${address}?${new URLSearchParams(questions)}`);
    return answer.ok ? answer : null;
  } catch {
    return null; // The network is away; the buttons still say so when they are pressed.
  }
}

// A field in which a supplier is found while one types (the combobox pattern of the ARIA guide).
class SupplierField {
  static count = 0;

  constructor(input, { address, none, day, choose }) {
    Object.assign(this, { input, address, none, day, choose, active: -1, asked: 0 });
    this.list = document.createElement("ul");
    this.list.className = "options";
    this.list.role = "listbox";
    this.list.id = `options-${SupplierField.count++}`;
    this.list.hidden = true;
    document.body.append(this.list);
    input.role = "combobox";
    input.ariaAutoComplete = "list";
    input.ariaExpanded = "false";
    input.setAttribute("aria-controls", this.list.id);
    const search = later(() => this.search());
    input.addEventListener("input", search);
    input.addEventListener("keydown", (event) => this.press(event));
    input.addEventListener("blur", () => this.close());
    // Before blur: the field keeps the focus while an option is clicked.
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.take(Number(option.dataset.place));
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  async search() {
    const text = this.input.value.trim();
    const turn = ++this.asked;
    if (!text) return this.close();
    const answer = await ask(this.address, { q: text, day: this.day() });
    if (!answer || turn !== this.asked || document.activeElement !== this.input) return;
    this.found = (await answer.json()).suppliers;
    this.show();
  }

  show() {
    this.list.replaceChildren(
      ...this.found.map((each, place) => {
        const option = document.createElement("li");
        option.role = "option";
        option.id = `${this.list.id}-${place}`;
        option.dataset.place = place;
        const name = document.createElement("strong");
        name.textContent = each.label;
        const rest = document.createElement("span");
        rest.textContent = [each.types.join(", "), each.product].filter(Boolean).join(" · ");
        option.append(name, rest);
        return option;
      }),
    );
    if (!this.found.length) {
      const nothing = document.createElement("li");
      nothing.textContent = this.none;
      this.list.append(nothing);
    }
    const place = this.input.getBoundingClientRect();
    this.list.style.left = `${place.left + scrollX}px`;
    this.list.style.top = `${place.bottom + scrollY}px`;
    this.list.style.minWidth = `${place.width}px`;
    this.list.hidden = false;
    this.input.ariaExpanded = "true";
    this.mark(this.found.length ? 0 : -1);
  }

  mark(place) {
    this.active = place;
    [...this.list.children].forEach((option, at) => {
      option.ariaSelected = String(at === place);
      if (at === place) option.scrollIntoView({ block: "nearest" });
    });
    if (place < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${place}`);
  }

  press(event) {
    if (event.isComposing) return; // A syllable is still being put together.
    if (!this.isOpen) {
      if (event.key === "ArrowDown" && this.input.value.trim() && !event.defaultPrevented) {
        event.preventDefault();
        event.stopImmediatePropagation();
        this.search();
      }
      return;
    }
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) {
      const count = this.found.length;
      if (count) this.mark((this.active + moves[event.key] + count) % count);
    } else if (event.key === "Enter" && this.active >= 0) {
      this.take(this.active);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      if (event.key === "Tab" && this.active >= 0) this.take(this.active);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  take(place) {
    const chosen = this.found[place];
    this.input.value = chosen.label;
    this.close();
    this.choose(chosen);
  }

  close() {
    this.asked++;
    this.list.hidden = true;
    this.input.ariaExpanded = "false";
    this.mark(-1);
  }
}

function startEntry(form) {
  const field = (name) => form.elements.namedItem(name);
  const { suppliers, check, none } = form.dataset;
  const typed = new Set();
  let turn = 0;

  async function refresh() {
    const panel = document.getElementById("check");
    if (!check || !panel) return;
    const asked = ++turn;
    const questions = [...new FormData(form)].filter(([name]) => JUDGED.includes(name));
    const answer = await ask(check, questions);
    if (!answer || asked !== turn) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("check");
    if (panel.innerHTML !== fresh.innerHTML) panel.replaceChildren(...fresh.childNodes);
    field("seen").value = fresh.dataset.seen;
  }

  async function choose(supplier) {
    field("enterprise_id").value = supplier.id;
    refresh();
    const answer = await ask(`${suppliers}/${supplier.id}/usual`, { department: field("department_id").value });
    const usual = answer ? await answer.json() : {};
    for (const name of ["item", "kind"]) {
      if (usual[name] && !typed.has(name)) field(name).value = usual[name];
    }
    (field("item").value ? field("amount") : field("item")).focus();
    refresh();
  }

  new SupplierField(field("supplier"), {
    address: suppliers,
    none,
    day: () => field("contracted_on").value || field("paid_on")?.value || "",
    choose,
  });
  // Found while one types, the supplier needs no button; the server still settles what was only typed.
  const find = form.querySelector(".entry-find");
  find.hidden = find.disabled = true;
  const refreshLater = later(refresh);
  form.addEventListener("input", (event) => {
    typed.add(event.target.name);
    if (event.target.name !== "supplier") refreshLater();
  });
}

function startGrid(form) {
  const table = form.querySelector("table.grid");
  const rows = () => [...table.tBodies[0].rows].filter((row) => row.querySelector("input"));
  const inputs = (row) => [...row.querySelectorAll("input")];
  const place = (input) => {
    const row = input.closest("tr");
    return [rows().indexOf(row), inputs(row).indexOf(input)];
  };

  function addRow() {
    const last = rows().at(-1);
    const row = last.cloneNode(true);
    const number = rows().length + 1;
    row.querySelector("th").textContent = number;
    row.querySelector(".grid-verdict")?.replaceChildren();
    for (const input of inputs(row)) {
      input.value = "";
      input.ariaLabel = input.ariaLabel.replace(/\d+$/, number);
      ["id", "role", "aria-invalid", "aria-describedby", "aria-controls"].forEach((name) => input.removeAttribute(name));
      input.parentElement.classList.remove("is-faulty");
    }
    table.tBodies[0].append(row);
    suggest(row);
  }

  function suggest(row) {
    for (const input of row.querySelectorAll("[data-supplier]")) {
      new SupplierField(input, {
        address: form.dataset.suppliers,
        none: form.dataset.none,
        day: () => row.querySelector("[name=cell-contracted_on]")?.value ?? "",
        choose: () => {},
      });
    }
  }

  // Cells as a spreadsheet copies them: a cell with line breaks or quotes stands in quotes.
  function cellsOf(text) {
    const lines = [[""]];
    let isQuoted = false;
    for (let at = 0; at < text.length; at++) {
      const letter = text[at];
      const line = lines.at(-1);
      if (isQuoted) {
        if (letter !== '"') line[line.length - 1] += letter;
        else if (text[at + 1] === '"') line[line.length - 1] += text[++at];
        else isQuoted = false;
      } else if (letter === '"' && line.at(-1) === "") isQuoted = true;
      else if (letter === "\t") line.push("");
      else if (letter === "\n") lines.push([""]);
      else if (letter !== "\r") line[line.length - 1] += letter;
    }
    if (lines.at(-1).length === 1 && lines.at(-1)[0] === "") lines.pop();
    return lines;
  }

  table.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (!/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    const [top, left] = place(event.target);
    const block = cellsOf(text);
    const isBlank = (row) => inputs(row).every((input) => !input.value.trim());
    // At the left of a blank line it may begin with headings: the server knows what they mean.
    if (left === 0 && rows().slice(top).every(isBlank)) {
      form.elements.namedItem("pasted").value = text;
      form.querySelector("[value=spread]").click();
      return;
    }
    const width = Math.max(...block.map((line) => line.length));
    const isTooWide = left + width > inputs(rows()[0]).length;
    form.querySelector(".grid-told").textContent = isTooWide ? form.dataset.wide : "";
    if (isTooWide) return;
    while (rows().length < top + block.length) addRow();
    block.forEach((line, down) => {
      const cells = inputs(rows()[top + down]);
      line.forEach((value, across) => {
        cells[left + across].value = value;
      });
    });
  });

  // Up, down and Enter move between lines as in a spreadsheet; a new line appears below the last.
  table.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, Enter: event.shiftKey ? -1 : 1 }[event.key];
    if (!step || event.isComposing || event.defaultPrevented || event.target.hasAttribute("list") && event.key !== "Enter") return;
    event.preventDefault();
    const [line, column] = place(event.target);
    if (line + step < 0) return;
    if (line + step >= rows().length) addRow();
    const next = inputs(rows()[line + step])[column];
    next.focus();
    next.select();
  });

  rows().forEach(suggest);
}

document.querySelectorAll("form[data-purchase]").forEach(startEntry);
document.querySelectorAll("form[data-grid]").forEach(startGrid);
document.querySelector(".error-summary")?.focus();
