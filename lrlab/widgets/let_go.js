// JupyterLab 4.6.6 keeps every comm until the kernel ends, and a comm what listens to it: the widget's model, with its
// views, their part of the page and their pictures. Of a lab, that is a megabyte each time its cell is run again.
// `held` are the ids of what is about to be closed; from then on, nobody listens there.
const nobody = () => {};

function letGo(model) {
  model.on("change:held", () => {
    for (const id of model.get("held"))
      if (model.widget_manager.has_model(id)) model.widget_manager.get_model(id).then(leaveItsComm);
  });
}

function leaveItsComm(held) {
  const { comm } = held; // it is gone by the time of
  held.once("destroy", () => {
    comm.on_close(nobody);
    comm.on_msg(nobody);
  });
}
