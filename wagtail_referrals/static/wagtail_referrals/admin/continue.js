/* Long work goes on by itself, a slice at a time; without this there is a button to press. */
document.querySelectorAll("form[data-referrals-continue]").forEach((form) => {
  const button = form.querySelector("[type=submit]");
  button.hidden = true;
  form.submit();
});
