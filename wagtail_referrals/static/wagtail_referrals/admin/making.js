// Posts slice after slice, so that nobody has to press the button again and again.
(() => {
  "use strict";

  const form = document.querySelector("[data-referrals-making]");
  const bar = document.querySelector("[data-referrals-progress]");
  if (!form || !bar) return;
  const button = form.querySelector("button");
  const stopped = bar.querySelector("[data-referrals-stopped]");

  const post = async () => {
    const answer = await fetch(form.action || location.href, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  };

  const makeAll = async () => {
    button.disabled = true;
    stopped.hidden = true;
    try {
      for (;;) {
        const told = await post();
        bar.querySelector("progress").value = told.percent;
        bar.querySelector("[data-referrals-words]").textContent = told.words;
        if (told.done) {
          location.assign(told.url);
          return;
        }
      }
    } catch {
      stopped.hidden = false;
      button.disabled = false;
      button.focus();
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    makeAll();
  });
  makeAll();
})();
