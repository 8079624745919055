'use strict';

const refreshMilliseconds = 3000;
let key = '';

// Whatever comes from pipelines goes into the page as text, never as markup.
function cell(text, className) {
  const made = document.createElement('td');
  made.textContent = text ?? '';
  if (className) { made.className = className; }
  return made;
}

async function get(path) {
  const answer = await fetch(path, { headers: key ? { Authorization: `Bearer ${key}` } : {} });
  if (answer.status === 401) { document.getElementById('key-line').hidden = false; }
  const body = await answer.json();
  if (!answer.ok) { throw new Error(body.detail); }
  return body;
}

async function waits(pipeline) {
  if (pipeline.archived_time) { return ''; }
  const answer = await get(`/api/v1/pipelines/${encodeURIComponent(pipeline.root_id)}/waits`);
  return answer.result ? answer.data.map(wait => `${wait.node_id}: ${wait.text}`).join('; ') : answer.message;
}

async function refresh() {
  const message = document.getElementById('message');
  try {
    const page = await get('/api/v1/pipelines?limit=50');
    const rows = await Promise.all(page.pipelines.map(async pipeline => {
      const row = document.createElement('tr');
      row.append(cell(pipeline.root_id), cell(pipeline.state, pipeline.state), cell(await waits(pipeline)),
        cell(pipeline.created_time), cell(pipeline.archived_time));
      return row;
    }));
    document.getElementById('rows').replaceChildren(...rows);
    message.textContent = page.next_cursor ? 'The 50 newest are shown.' : `${rows.length} pipelines.`;
  } catch (failure) {
    message.textContent = failure.message;
  }
  setTimeout(refresh, refreshMilliseconds);
}

document.getElementById('use-key').addEventListener('click', () => {
  key = document.getElementById('key').value.trim();
  document.getElementById('key-line').hidden = true;
});
refresh();
