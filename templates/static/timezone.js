// Without this script the time zone is simply the one the server put there; it can be changed at any time.
// Browsers go on saying names that places have given up, of which people look for the present ones.
"use strict";
const NOW_CALLED = {
  "Africa/Asmera": "Africa/Asmara",
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "America/Catamarca": "America/Argentina/Catamarca",
  "America/Coral_Harbour": "America/Atikokan",
  "America/Cordoba": "America/Argentina/Cordoba",
  "America/Godthab": "America/Nuuk",
  "America/Indianapolis": "America/Indiana/Indianapolis",
  "America/Jujuy": "America/Argentina/Jujuy",
  "America/Louisville": "America/Kentucky/Louisville",
  "America/Mendoza": "America/Argentina/Mendoza",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "Europe/Kiev": "Europe/Kyiv",
  "Pacific/Enderbury": "Pacific/Kanton",
  "Pacific/Ponape": "Pacific/Pohnpei",
  "Pacific/Truk": "Pacific/Chuuk",
};
for (const field of document.querySelectorAll("form[data-guess-zone] [name=timezone]")) {
  const said = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone = NOW_CALLED[said] ?? said;
  if (zone && (field.type === "hidden" || [...field.options].some((option) => option.value === zone))) {
    field.value = zone;
  }
}
