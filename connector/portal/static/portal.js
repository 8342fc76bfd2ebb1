/* What a browser can do besides: hide questions that do not apply, look at files before they travel, show how far they are.
   Without it every form works the same, only plainer. */
(() => {
  "use strict";

  const form = document.getElementById("permohonan");
  if (form) begin(form);

  function begin(form) {
    conditions(form);
    counts(form);
    form.querySelectorAll("input[type=file]").forEach((input) => {
      input.addEventListener("change", () => complain(input, wrong(input, form.dataset)));
    });
    form.addEventListener("submit", (event) => send(event, form));
  }

  // questions that are asked only sometimes --------------------------------------------------------------------

  function conditions(form) {
    const boxes = [...form.querySelectorAll("[data-when]")];
    const look = () => boxes.forEach((box) => {
      const wanted = Object.entries(JSON.parse(box.dataset.when));
      const asked = wanted.every(([name, values]) => values.includes(new FormData(form).get(name) ?? ""));
      box.hidden = !asked;
      box.querySelectorAll("input, select, textarea").forEach((each) => { each.disabled = !asked; });
    });
    if (boxes.length) {
      form.classList.add("script");
      form.addEventListener("change", look);
      look();
    }
  }

  // how much room is left ------------------------------------------------------------------------------------------

  function counts(form) {
    form.querySelectorAll("textarea[data-most]").forEach((area) => {
      const said = document.createElement("p");
      said.className = "hint count";
      said.setAttribute("aria-live", "polite");
      area.after(said);
      const most = Number(area.dataset.most);
      area.addEventListener("input", () => {
        const left = most - area.value.trim().length;
        const words = left < 0 ? form.dataset.over : form.dataset.left;
        said.textContent = left < most / 5 ? words.replace("{count}", Math.abs(left)) : "";
        said.classList.toggle("error", left < 0);
      });
    });
  }

  // files ------------------------------------------------------------------------------------------------------------

  function wrong(input, words) {
    const most = Number(input.dataset.mb), files = [...input.files];
    const kinds = input.accept ? input.accept.split(",") : [];
    if (files.some((file) => file.size > most * 1024 * 1024)) return words.large.replace("{size}", most);
    if (files.some((file) => kinds.length && !kinds.some((kind) => file.name.toLowerCase().endsWith(kind)))) return words.kind;
    const room = Number(input.dataset.files || 1);
    return files.length > room ? words.many.replace("{count}", room) : "";
  }

  function complain(input, message) {
    const box = input.closest(".field"), ref = input.id + "-periksa";
    document.getElementById(ref)?.remove();
    const others = (input.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== ref);
    input.setAttribute("aria-describedby", [...others, ...(message ? [ref] : [])].join(" "));
    if (!others.length && !message) input.removeAttribute("aria-describedby");
    box.classList.toggle("wrong", Boolean(message));
    input.toggleAttribute("aria-invalid", Boolean(message));
    if (!message) return;
    const said = document.createElement("p");
    said.className = "error";
    said.id = ref;
    said.setAttribute("role", "alert");
    said.textContent = message;
    input.before(said);
  }

  // sending ----------------------------------------------------------------------------------------------------------

  function send(event, form) {
    const button = event.submitter;
    if (form.dataset.busy) return event.preventDefault();
    const first = [...form.querySelectorAll("input[type=file]:enabled")].find((input) => wrong(input, form.dataset));
    if (first && !button?.name) {
      event.preventDefault();
      complain(first, wrong(first, form.dataset));
      return first.focus();
    }
    const heavy = [...form.querySelectorAll("input[type=file]:enabled")].some((input) => input.files.length);
    if (!heavy || !window.FormData || !window.XMLHttpRequest) {
      // after the browser has read the form: what is disabled is not sent
      form.dataset.busy = "1";
      setTimeout(() => { delete form.dataset.busy; }, 8000);
      return undefined;
    }
    event.preventDefault();
    return upload(form, button);
  }

  function upload(form, button) {
    const body = new FormData(form, null);
    if (button?.name) body.append(button.name, button.value);
    const shown = progress(form), request = new XMLHttpRequest();
    form.dataset.busy = "1";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) shown.value = event.loaded / event.total;
    });
    request.addEventListener("load", () => arrive(form, request));
    request.addEventListener("error", () => fail(form));
    request.open("POST", button?.formAction && button.hasAttribute("formaction") ? button.formAction : form.action);
    request.send(body);
  }

  function progress(form) {
    let box = form.querySelector(".sending");
    if (!box) {
      box = document.createElement("div");
      box.className = "sending";
      box.setAttribute("role", "status");
      box.innerHTML = "<span></span><progress max=1 value=0></progress>";
      form.querySelector(".send").append(box);
    }
    box.classList.remove("failed");
    box.firstChild.textContent = form.dataset.sending;
    const bar = box.querySelector("progress");
    bar.hidden = false;
    bar.setAttribute("aria-label", form.dataset.sending);
    return bar;
  }

  function fail(form) {
    const box = form.querySelector(".sending");
    delete form.dataset.busy;
    box.classList.add("failed");
    box.querySelector("progress").hidden = true;
    box.firstChild.textContent = form.dataset.failed;
  }

  /* The answer: another page, or this one again with what is wrong. */
  function arrive(form, request) {
    const there = new URL(request.responseURL);
    if (there.pathname !== new URL(form.action).pathname) return location.assign(there);
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const main = page.querySelector("main");
    if (!main) return fail(form);
    document.title = page.title;
    document.documentElement.lang = page.documentElement.lang;
    document.querySelector("main").replaceWith(main);
    document.querySelector("header").replaceWith(page.querySelector("header"));
    const again = document.getElementById("permohonan");
    if (again) begin(again);
    scrollTo(0, 0);
    return (main.querySelector("[autofocus]") || main).focus();
  }
})();
