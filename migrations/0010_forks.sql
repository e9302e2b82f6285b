-- Workflows that began where another one stood.

ALTER TABLE workflows ADD COLUMN forked_from TEXT;  -- the workflow whose lineage it is a fork of
ALTER TABLE workflows ADD COLUMN replay_of TEXT;    -- the workflow that it replays
CREATE INDEX workflows_forked_from ON workflows (forked_from) WHERE forked_from IS NOT NULL;
CREATE INDEX workflows_replay_of ON workflows (replay_of) WHERE replay_of IS NOT NULL;

-- Sessions that begin with what was said in another one: so much of its file.
ALTER TABLE sessions ADD COLUMN branched_from TEXT;
ALTER TABLE sessions ADD COLUMN branched_bytes INTEGER;
