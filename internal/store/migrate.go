package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Migrations are the goose migrations that [Open] applies, one text for every engine.
func Migrations() fs.FS {
	sub, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic(err) // the name is a constant and valid
	}
	return sub
}

// migrate brings the tables up to date, and refuses a database that a newer version
// has changed: this one would write rows without what the newer one relies on.
func (s *Store) migrate(ctx context.Context) error {
	if s.engine.dialect == goose.DialectPostgres {
		done, err := s.migrating(ctx)
		if err != nil {
			return err
		}
		defer done()
	}
	p, err := goose.NewProvider(s.engine.dialect, s.writer, Migrations(),
		goose.WithSlog(s.log), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("ask for the database's version: %w", err)
	}
	if current > target {
		return fmt.Errorf("the database has version %d and this callbot knows versions up to %d: a newer callbot has used it. Install that version again, or restore a backup from before", current, target)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring the database's tables up to date: %w", err)
	}
	if s.engine.dialect == goose.DialectPostgres {
		return s.leaveRoom(ctx)
	}
	return nil
}
