// Areas by type-ahead: a combobox after the ARIA pattern. Without this file the field takes whole names.
"use strict";

const WAIT = 120;
let numbers = 0;

class AreaField {
  constructor(field) {
    this.field = field;
    this.input = field.querySelector("input[name]:not([type=checkbox])");
    this.list = field.querySelector("[role=listbox]");
    this.chips = field.querySelector(".chips");
    this.said = field.querySelector("[data-combo-said]");
    this.active = -1;
    this.asked = 0;
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", this.list.id);
    this.close();
    this.input.addEventListener("input", (event) => this.typed(event));
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.input.addEventListener("blur", () => this.close());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")));
    this.chips?.addEventListener("change", (event) => this.unchecked(event.target));
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  typed(event) {
    // Half a name is no reason to ask for a preview of it.
    event.stopPropagation();
    clearTimeout(this.timer);
    if (!this.input.value.trim()) return this.close();
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    const number = (this.asked = ++numbers);
    try {
      const url = `${this.field.dataset.areas}?q=${encodeURIComponent(this.input.value)}`;
      const answer = await fetch(url, { headers: { "HX-Request": "true" } });
      if (answer.headers.has("HX-Redirect")) return window.location.assign(answer.headers.get("HX-Redirect"));
      const html = await answer.text();
      if (number !== this.asked || !answer.ok || document.activeElement !== this.input) return;
      this.open(html);
    } catch {
      this.close();
    }
  }

  open(html) {
    this.list.innerHTML = html;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.move(0);
  }

  close() {
    clearTimeout(this.timer);
    this.asked = 0;
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  move(to) {
    const options = this.options;
    if (!options.length) return;
    this.active = (to + options.length) % options.length;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === this.active)));
    options[this.active].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", options[this.active].id);
  }

  async pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.ask();
      else this.move(this.active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      if (!this.input.value.trim()) return;
      event.preventDefault();
      // Whoever types quickly presses Enter before the list is there.
      if (this.list.hidden) await this.ask();
      this.choose(this.options[this.active]);
    } else if (event.key === "Tab" && !event.shiftKey && !this.list.hidden) {
      this.choose(this.options[this.active]);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Backspace" && !this.input.value && this.chips?.lastElementChild) {
      event.preventDefault();
      this.remove(this.chips.lastElementChild);
    }
  }

  choose(option) {
    if (!option) return;
    const { id, label } = option.dataset;
    this.input.value = this.chips ? "" : label;
    this.input.removeAttribute("aria-invalid");
    this.close();
    if (this.chips && !this.chips.querySelector(`[data-id="${id}"]`)) this.add(id, label);
  }

  add(id, label) {
    const chip = document.createElement("li");
    chip.className = "chip";
    chip.dataset.id = id;
    const name = chip.appendChild(document.createElement("label"));
    name.className = "chip-label";
    const box = name.appendChild(document.createElement("input"));
    Object.assign(box, { type: "checkbox", name: "area", value: id, checked: true });
    name.appendChild(document.createElement("span")).textContent = label;
    this.chips.appendChild(chip);
    this.streets(id, label);
    this.tell(`${label} ${this.field.dataset.textAdded}`);
  }

  streets(id, label) {
    const place = this.input.form.querySelector("[data-streets]");
    if (!place) return;
    const field = place.appendChild(document.createElement("div"));
    field.className = "field";
    field.dataset.id = id;
    const name = field.appendChild(document.createElement("label"));
    name.htmlFor = `streets-${id}`;
    name.textContent = this.field.dataset.textStreets.replace("%", label);
    const input = field.appendChild(document.createElement("input"));
    Object.assign(input, { id: `streets-${id}`, name: `streets-${id}`, maxLength: 500 });
    place.closest("fieldset").hidden = false;
  }

  unchecked(box) {
    if (box.name === "area" && !box.checked) this.remove(box.closest(".chip"));
  }

  remove(chip) {
    const label = chip.textContent.trim();
    const streets = this.input.form.querySelector(`[data-streets] [data-id="${chip.dataset.id}"]`);
    chip.remove();
    streets?.remove();
    const place = this.input.form.querySelector("[data-streets]");
    if (place && !place.children.length) place.closest("fieldset").hidden = true;
    this.input.focus();
    this.tell(`${label} ${this.field.dataset.textRemoved}`);
  }

  tell(text) {
    if (this.said) this.said.textContent = text;
    this.input.form.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

for (const field of document.querySelectorAll("[data-areas]")) new AreaField(field);
