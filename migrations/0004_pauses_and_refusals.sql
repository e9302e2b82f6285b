-- Subscriptions can be paused, and a consumer can refuse a message for a while.

-- 0: an operator paused it: nothing is delivered, no lease runs, and its cursor stays where it is.
ALTER TABLE subscriptions ADD COLUMN active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1));

-- A refused message does not come again before this moment.
ALTER TABLE deliveries ADD COLUMN due_at INTEGER;
