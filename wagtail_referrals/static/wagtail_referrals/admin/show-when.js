/* Fields that matter for some choices only are shown with them; without this all are shown. */
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-show-when]").forEach((part) => {
    const choice = document.querySelector(`[name="${part.dataset.showWhen}"]`);
    const show = () => {
      part.hidden = !part.dataset.showValue.split(" ").includes(choice.value);
    };
    choice.addEventListener("change", show);
    show();
  });
});
