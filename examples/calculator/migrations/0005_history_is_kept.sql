-- What was calculated stays as it was: rows are added, and never changed.
CREATE TRIGGER history_is_kept BEFORE UPDATE ON history
BEGIN
    SELECT RAISE(ABORT, 'the history is not changed; add a calculation instead');
END;
