/* Fields that matter for one choice only are shown with it; without this all of them are shown. */
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-show-when]").forEach((part) => {
    const choice = document.querySelector(`[name="${part.dataset.showWhen}"]`);
    const show = () => {
      part.hidden = choice.value !== part.dataset.showValue;
    };
    choice.addEventListener("change", show);
    show();
  });
});
