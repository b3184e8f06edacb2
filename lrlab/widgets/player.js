// Plays the epochs of a picture: it sets how many points the figure reveals, here in the browser. The kernel hears of it
// when the hand or the film has come to rest, or a hand does something else in the lab, and as it goes only if something
// there follows the epoch.

const WHOLE_RUN = 10000; // milliseconds that a run takes at 1×
const REST = 120; // milliseconds without a move after which the kernel is told
const FOLLOWED = 60; // the same while something in the kernel follows
const KERNEL_TIMEOUT = 2000; // milliseconds that a film waits until the kernel has told of an epoch: it may be gone
const SPEEDS = [["¼×", 0.25], ["½×", 0.5], ["1×", 1], ["2×", 2], ["4×", 4]];
const ICONS = {
  first: "M3 2h2v12H3zM14 2v12L6 8z",
  back: "M12 2v12L4 8z",
  play: "M4 1.5v13l10-6.5z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
  forward: "M4 2l8 6-8 6z",
  last: "M2 2l8 6-8 6zM11 2h2v12h-2z",
};

const figureOf = (model) => model.widget_manager.get_model(model.get("figure").replace("IPY_MODEL_", ""));

async function render({ model, el }) {
  el.classList.add("lrlab-player");
  const figure = await figureOf(model);
  const epochs = () => model.get("epochs");
  const limit = () => model.get("limit") ?? epochs();
  const place = () => {
    const shown = figure.get("_shown");
    return shown === null ? epochs() : Math.min(shown - 1, epochs());
  };

  const buttons = {};
  for (const [name, words, action] of [
    ["first", "To the start (Home)", () => go(0)],
    ["back", "One epoch back (left arrow)", () => go(place() - 1)],
    ["play", "Play (space)", () => (film.playing ? film.stop() : film.play())],
    ["forward", "One epoch on (right arrow)", () => go(place() + 1)],
    ["last", "To the end (End)", () => go(epochs())],
  ]) {
    const button = (buttons[name] = el.appendChild(document.createElement("button")));
    button.type = "button";
    button.addEventListener("click", () => button.ariaDisabled !== "true" && action());
    label(button, name, words);
  }
  const slider = el.appendChild(document.createElement("input"));
  Object.assign(slider, { type: "range", min: 0, step: 1, title: "Drag to any epoch" });
  slider.setAttribute("aria-label", "epoch shown");
  slider.addEventListener("input", () => go(Number(slider.value)));
  const text = el.appendChild(document.createElement("span"));
  const speed = el.appendChild(document.createElement("select"));
  speed.title = "How fast: at 1× a whole run takes ten seconds";
  speed.setAttribute("aria-label", "speed");
  speed.append(...SPEEDS.map(([words, value]) => new Option(words, value, value === 1, value === 1)));

  const teller = tellWhenAtRest(model);
  const film = {
    playing: false,
    frame: 0,
    play() {
      if (place() >= limit()) reveal(0);
      let [at, before] = [place(), performance.now()]; // as a number with decimals
      let asked = null; // the epoch that the kernel is to tell of
      film.playing = true;
      const next = (now) => {
        if (asked && model.get("waits") && model.get("told") !== asked.epoch && now - asked.at < KERNEL_TIMEOUT) {
          film.frame = requestAnimationFrame(next);
          return;
        }
        at += (Math.max(now - before, 0) / WHOLE_RUN) * speed.value * epochs();
        before = now;
        reveal(Math.min(Math.floor(at), limit()));
        if (place() >= limit()) return film.stop();
        if (model.get("waits")) {
          asked = { epoch: place(), at: now };
          teller.now(place());
        } else if (model.get("follow")) teller.soon(place());
        film.frame = requestAnimationFrame(next);
      };
      film.frame = requestAnimationFrame(next);
      show();
    },
    stop() {
      cancelAnimationFrame(film.frame);
      if (film.playing) teller.soon(place());
      film.playing = false;
      show();
    },
  };

  // Whatever moves the picture moves the slider. Another view of the same lab has a film of its own: the last one counts.
  let revealing = false;
  function reveal(epoch) {
    const there = Math.min(Math.max(epoch, 0), limit());
    revealing = true;
    figure.set({ _shown: there < epochs() ? there + 1 : null, _faint: model.get("limit") === null });
    revealing = false;
    show();
  }
  function follow() {
    if (!revealing && film.playing) {
      cancelAnimationFrame(film.frame);
      film.playing = false;
    }
    show();
  }
  function go(epoch) {
    film.stop();
    reveal(epoch);
    teller.soon(place());
  }
  function show() {
    const [epoch, of] = [place(), epochs()];
    if (Number(slider.max) !== of) slider.max = of;
    if (Number(slider.value) !== epoch) slider.value = epoch;
    const seen = Math.min(epoch, model.get("trained"));
    const words = seen === 0 ? `start of ${of} epochs` : `epoch ${seen} of ${of}`;
    if (text.textContent !== words) {
      text.textContent = words;
      slider.setAttribute("aria-valuetext", words);
    }
    const playing = String(film.playing);
    if (buttons.play.dataset.playing !== playing) {
      buttons.play.dataset.playing = playing;
      label(buttons.play, film.playing ? "pause" : "play", film.playing ? "Pause (space)" : "Play (space)");
    }
    // Not ``disabled``: a button that is would lose the focus, and whoever steps with keys would be thrown out.
    buttons.first.ariaDisabled = buttons.back.ariaDisabled = epoch === 0;
    buttons.forward.ariaDisabled = buttons.last.ariaDisabled = epoch >= limit();
  }

  const hear = {
    "change:epoch"() {
      if (teller.telling) return; // it is what the kernel is told, and not what it says
      film.stop();
      reveal(model.get("epoch"));
    },
    "change:epochs"() {
      // A picture that was at its end stays there.
      if (figure.get("_shown") !== null && place() >= epochs()) figure.set({ _shown: null });
      show();
    },
    "change:trained": () => show(),
    "change:limit"() {
      reveal(place());
    },
    "msg:custom"(message) {
      if (message === "play") film.play();
    },
  };
  for (const [event, action] of Object.entries(hear)) model.on(event, action);
  figure.on("change:_shown", follow);
  // What the kernel has said before there was anything to see; a second view of a lab finds a picture that is played.
  if (!figure.lrlabPlayed) reveal(model.get("epoch"));
  figure.lrlabPlayed = true;
  show();

  const keys = {
    " ": () => buttons.play.click(),
    ArrowLeft: (many) => go(place() - many),
    ArrowRight: (many) => go(place() + many),
    Home: () => go(0),
    End: () => go(epochs()),
  };
  const onKey = (event) => {
    const inFigure = event.target.closest(".lrlab-live-figure");
    if (!inFigure || !keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault(); // the page would scroll
    event.stopPropagation(); // JupyterLab would go to another cell
    keys[event.key](event.shiftKey ? 10 : 1);
  };
  // Keys on the player's own controls are theirs, and not JupyterLab's.
  el.addEventListener("keydown", (event) => event.stopPropagation());
  // Before whatever is pressed while a film plays: what the kernel hides, saves or freezes then is of the epoch seen.
  const tellFirst = () => film.playing && teller.now(place());
  const stopListening = whenAttached(el, () => {
    const gone = new AbortController();
    const lab = el.closest(".lrlab-lab");
    lab?.addEventListener("keydown", onKey, { signal: gone.signal });
    for (const press of ["pointerdown", "keydown"]) {
      lab?.addEventListener(press, tellFirst, { capture: true, signal: gone.signal });
    }
    return () => gone.abort();
  });
  return () => {
    film.stop();
    teller.stop();
    stopListening();
    for (const [event, action] of Object.entries(hear)) model.off(event, action);
    figure.off("change:_shown", follow);
  };
}

function label(button, icon, words) {
  button.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
  button.title = words;
  button.setAttribute("aria-label", words);
}

// Tells the kernel the latest epoch; a new one puts that off, or, if something follows, comes with the next message.
function tellWhenAtRest(model) {
  let timer = 0;
  let latest = 0;
  const tell = () => {
    timer = 0;
    if (model.get("epoch") === latest) return;
    teller.telling = true;
    model.set("epoch", latest);
    teller.telling = false;
    model.save_changes();
  };
  const teller = {
    telling: false,
    soon(epoch) {
      latest = epoch;
      if (timer && model.get("follow")) return;
      clearTimeout(timer);
      timer = setTimeout(tell, model.get("follow") ? FOLLOWED : REST);
    },
    now(epoch) {
      clearTimeout(timer);
      latest = epoch;
      tell();
    },
    stop: () => clearTimeout(timer),
  };
  return teller;
}

export default { render };
