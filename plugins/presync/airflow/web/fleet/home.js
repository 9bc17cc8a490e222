// Tiles on Airflow's home page: how many companies are in each stage. Airflow loads this as a plugin's React
// component and brings React along; without it, or without companies, nothing is shown.
const here = new URL(".", import.meta.url).pathname;
const signs = { uncertain: "?", error: "?", broken: "✕", blocked: "✕", answers: "✎", approval: "…",
  expired: "!", ready: "✓", started: "▶" };

function PresyncTiles() {
  const React = globalThis.React;
  const element = React.createElement;
  const [stages, setStages] = React.useState([]);
  React.useEffect(() => {
    fetch(`${here}api/stages`)
      .then((answer) => (answer.ok ? answer.json() : { stages: [] }))
      .then((value) => setStages(value.stages))
      .catch(() => setStages([]));
  }, []);
  if (stages.length === 0) { return null; }
  const page = (query) => new URL(`plugin/presync${here}${query}`, document.baseURI).href;
  const box = { display: "block", minWidth: "8.5rem", padding: ".5rem .8rem", borderRadius: ".5rem",
    border: "1px solid var(--chakra-colors-border-emphasized, #8796a5)", color: "inherit" };
  const tile = ({ stage, title, companies }) => element("li", { key: stage },
    element("a", { href: page(`?stage=${encodeURIComponent(stage)}`), style: box },
      element("strong", { style: { display: "block", fontSize: "1.5rem", lineHeight: 1.2 } }, companies),
      `${signs[stage] || "–"} ${title}`));
  return element("section", { "aria-labelledby": "presync-tiles", style: { margin: "1rem 0" } },
    element("h2", { id: "presync-tiles", style: { fontSize: "1.1rem", fontWeight: 600, marginBottom: ".5rem" } },
      element("a", { href: page("") }, "Companies before the integration")),
    element("ul", { style: { display: "flex", flexWrap: "wrap", gap: ".6rem", listStyle: "none", padding: 0 } },
      stages.map(tile)));
}

globalThis.AirflowPlugin = PresyncTiles;
