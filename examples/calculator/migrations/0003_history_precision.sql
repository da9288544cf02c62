-- Results from before this column were calculated with the default of that time.
ALTER TABLE history ADD COLUMN precision INTEGER NOT NULL DEFAULT 12 CHECK (precision BETWEEN 1 AND 50);
