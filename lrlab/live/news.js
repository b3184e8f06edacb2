// What has changed in a widget's model since somebody asked last.
function newsOf(model) {
  const seen = {}; // the traits as they were last time
  return (...names) => {
    const news = names.filter((name) => model.get(name) !== seen[name]);
    for (const name of news) seen[name] = model.get(name);
    return news.length > 0;
  };
}
