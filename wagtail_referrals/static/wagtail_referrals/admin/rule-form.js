/* The rule's form: what is chosen decides what is shown. The server draws it, as it does without
   this file; here it is only asked sooner, and what has the keyboard keeps it. */
(() => {
  const form = document.querySelector("[data-referrals-rule]");
  if (!form) return;
  const parts = form.querySelector("[data-referrals-parts]");
  const summary = form.querySelector("[data-referrals-summary]");
  form.querySelector("[data-referrals-update]").hidden = true;
  // Choices that show or hide other fields.
  const deciding = /^(program|trigger|approval|exclusive_group)$|-(part|what|fulfilment)$/;
  let typed = 0;
  // Only the last one that asked may answer.
  let drawn = 0;
  let told = 0;

  const fetchForm = async (name, value) => {
    const body = new FormData(form);
    body.set(name, value);
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body });
    if (!answer.ok) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };

  const redraw = async (name, value, focus) => {
    const number = (drawn += 1);
    told += 1;
    let before;
    let page;
    try {
      // What was typed meanwhile must not be lost: ask again, with it.
      do {
        before = typed;
        page = await fetchForm(name, value);
        if (number !== drawn) return;
      } while (before !== typed);
    } catch {
      form.querySelector("[data-referrals-update]").hidden = false;
      return;
    }
    const active = focus || document.activeElement.id;
    parts.replaceChildren(...page.querySelector("[data-referrals-parts]").childNodes);
    summary.textContent = page.querySelector("[data-referrals-summary]").textContent;
    const target = typeof active === "function" ? active() : document.getElementById(active);
    if (target) target.focus();
  };

  const tell = async () => {
    const number = (told += 1);
    try {
      const page = await fetchForm("_update", "1");
      if (number !== told) return;
      summary.textContent = page.querySelector("[data-referrals-summary]").textContent;
    } catch {
      /* The sentence stays as it was. */
    }
  };

  let pause;
  form.addEventListener("input", () => {
    typed += 1;
    clearTimeout(pause);
    pause = setTimeout(tell, 400);
  });
  form.addEventListener("change", (event) => {
    if (deciding.test(event.target.name)) redraw("_update", "1");
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-referrals-redraw]");
    if (!button) return;
    event.preventDefault();
    const added = () => {
      const rows = parts.querySelectorAll(`[name="${button.value}-row"]`);
      return rows[rows.length - 1].parentElement.querySelector("select, input:not([type=hidden])");
    };
    redraw(button.name, button.value, button.name === "_add" ? added : button.dataset.referralsRedraw);
  });
})();
