// Passkeys: <form data-passkey="create" or "get" data-options="what the server asked for"> with a hidden field
// `credential`. The browser asks for finger, face, PIN or key when the form is sent; then the form goes on its way.

const toBytes = (text) => {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
};

const toText = (buffer) => {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

const withBytes = (entries) => (entries || []).map((entry) => ({ ...entry, id: toBytes(entry.id) }));

function readable(asked) {
  const options = { ...asked, challenge: toBytes(asked.challenge) };
  if (asked.user) options.user = { ...asked.user, id: toBytes(asked.user.id) };
  if (asked.excludeCredentials) options.excludeCredentials = withBytes(asked.excludeCredentials);
  if (asked.allowCredentials) options.allowCredentials = withBytes(asked.allowCredentials);
  return options;
}

function sendable(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function ask(form) {
  const options = { publicKey: readable(JSON.parse(form.dataset.options).publicKey) };
  const credential = await navigator.credentials[form.dataset.passkey](options);
  form.elements.credential.value = JSON.stringify(sendable(credential));
}

function prepare(form) {
  const failed = form.querySelector("[data-passkey-failed]");
  const button = form.querySelector("[type=submit]");
  let asked = false;
  form.addEventListener(
    "submit",
    async (event) => {
      if (asked) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      failed.hidden = true;
      try {
        await ask(form);
        asked = true;
        form.requestSubmit();
      } catch {
        failed.hidden = false; // refused, taken too long, or no passkey here: the browser has said which
      }
    },
    true,
  );
  button.disabled = false;
  if (form.hasAttribute("data-passkey-now")) button.focus();
}

if (window.PublicKeyCredential) document.querySelectorAll("form[data-passkey]").forEach(prepare);
else document.querySelectorAll("[data-passkey-missing]").forEach((part) => part.removeAttribute("hidden"));
