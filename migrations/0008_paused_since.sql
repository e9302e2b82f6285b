-- Since when a subscription is paused, for whoever asks why nothing is delivered; null while it is not.
ALTER TABLE subscriptions ADD COLUMN paused_at INTEGER;
