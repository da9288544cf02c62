CREATE INDEX history_by_time ON history (calculated_at DESC, id DESC);
