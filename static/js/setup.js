// Setting up: the clock of the browser is a better guess than UTC. What is chosen here is still only chosen.

const OLD = {
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Europe/Kiev": "Europe/Kyiv",
}; // names that browsers still give

const select = document.querySelector("select[name=time_zone]");
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const guess = OLD[own] || own;

if ([...(select?.options || [])].some((option) => option.value === guess)) select.value = guess;
