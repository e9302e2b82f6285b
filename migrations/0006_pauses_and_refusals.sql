-- Subscriptions can be paused, a consumer can refuse a message for a while, and it shows who takes no letters.

-- 0: an operator paused it: nothing is delivered, no lease runs, and its cursor stays where it is.
ALTER TABLE subscriptions ADD COLUMN active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1));

-- A refused message does not come again before this moment.
ALTER TABLE deliveries ADD COLUMN due_at INTEGER;

-- When the newest message came into an agent's mailbox, and whose mailbox a subscription is.
ALTER TABLE agents ADD COLUMN last_letter_at INTEGER;
CREATE INDEX subscriptions_stream ON subscriptions (stream) WHERE stream IS NOT NULL;
