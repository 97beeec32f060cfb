// Keeps the page of a job up to date, and goes on to the result when it is there.

const PAUSE = 700;
const page = document.getElementById("job");
const bar = document.getElementById("job-progress");
const count = document.getElementById("job-count");
const text = document.getElementById("job-text");
const state = document.querySelector(".job-state .mark");

function show(job) {
  state.textContent = job.label;
  text.textContent = job.text;
  if (!job.total) return;
  bar.max = job.total;
  bar.value = job.done;
  count.textContent = `${job.done.toLocaleString()} / ${job.total.toLocaleString()}`;
}

async function look() {
  let wait = PAUSE;
  try {
    const answer = await fetch(page.dataset.state, { headers: { Accept: "application/json" } });
    if (answer.redirected || !answer.ok) return location.reload();
    const job = await answer.json();
    if (job.result) return location.replace(job.result);
    if (!["queued", "running"].includes(job.state)) return location.reload();
    show(job);
  } catch {
    wait = 5 * PAUSE; // the connection is away: it may come back
  }
  setTimeout(look, wait);
}

setTimeout(look, PAUSE);
