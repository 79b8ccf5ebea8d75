// Sliders beside the fields of the projection; it is worked out anew while they are moved.
(() => {
  "use strict";

  const form = document.querySelector("[data-referrals-projection]");
  const place = document.querySelector("[data-referrals-projected]");
  if (!form || !place) return;
  let asked = 0;
  let wait = 0;

  const refresh = async () => {
    const number = ++asked;
    const query = new URLSearchParams(new FormData(form));
    query.set("part", "projection");
    const answer = await fetch(`?${query}`);
    // Whoever moved on meanwhile does not see an earlier answer.
    if (!answer.ok || number !== asked) return;
    const isOpen = place.querySelector("details")?.open;
    place.innerHTML = await answer.text();
    window.referralsCharts?.draw(place);
    const details = place.querySelector("details");
    if (details && isOpen !== undefined) details.open = isOpen;
  };

  const later = () => {
    clearTimeout(wait);
    wait = setTimeout(refresh, 150);
  };

  form.querySelectorAll("input[type=number][max]").forEach((field) => {
    if (field.name === "advocates") return;
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = field.min;
    // Fine enough to be of use: up to three times of what is known.
    slider.max = Math.min(3 * Number(field.value) || 100, field.max);
    slider.step = field.step;
    slider.value = field.value || field.min;
    slider.setAttribute("aria-label", field.labels[0].textContent.trim());
    slider.addEventListener("input", () => {
      field.value = slider.value;
      later();
    });
    field.addEventListener("input", () => { slider.value = field.value; });
    field.after(slider);
  });
  form.addEventListener("input", later);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    refresh();
  });
})();
