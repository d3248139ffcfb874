using System.Collections.Concurrent;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.History.Store;

/// <summary>
/// Customers and what happened to them: a SQLite database (WAL) beside the journal. Readers have connections of their own and
/// meet no writer; batches go in one at a time. The relay and an import may have it open at once.
/// </summary>
internal sealed class HistoryStore : IDisposable
{
    public const string FileName = "history.db";

    private readonly string _connectionString;
    private readonly HistoryWriter _writer;

    // Any thread may write: batches wait here for each other.
    private readonly SemaphoreSlim _writing = new(1, 1);

    // Any thread may read; each takes a reader for itself. The bag holds the idle ones.
    private readonly ConcurrentBag<HistoryReader> _idle = [];
    private volatile bool _disposed;

    private HistoryStore(string connectionString, HistoryWriter writer) => (_connectionString, _writer) = (connectionString, writer);

    public string Path => _writer.Path;

    public static string PathIn(string directory) => System.IO.Path.Combine(directory, FileName);

    /// <summary>Opens the store of a data directory; makes it when it is not there.</summary>
    /// <exception cref="HistoryException">It cannot be opened.</exception>
    public static HistoryStore Open(string directory)
    {
        var path = PathIn(directory);
        try
        {
            Directory.CreateDirectory(directory);
            MakePrivate(path);
            var connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 }.ToString();
            var connection = SqliteJournalStart.Connect(connectionString);
            try
            {
                SqliteSchema.Execute(connection, "PRAGMA journal_mode = WAL");
                SqliteSchema.Execute(connection, "PRAGMA synchronous = NORMAL");

                // What was erased is overwritten, in the database and, with the checkpoint behind an erasure, in the log.
                SqliteSchema.Execute(connection, "PRAGMA secure_delete = ON");
                HistorySchema.Migrate(connection);
                return new HistoryStore(connectionString, new HistoryWriter(connection));
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
        catch (SqliteException error)
        {
            throw HistoryFaults.Explain(error, path);
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException and not HistoryException)
        {
            throw new HistoryException($"The history {path} cannot be opened: {refused.Message}", refused);
        }
    }

    /// <summary>Lets one batch in; others wait.</summary>
    /// <exception cref="HistoryException">Another process writes for longer than 5 s, or the disk fails.</exception>
    public HistoryBatch BeginBatch()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _writing.Wait();
        try
        {
            return new HistoryBatch(_writer, () => _writing.Release());
        }
        catch
        {
            _writing.Release();
            throw;
        }
    }

    /// <summary>Runs something in a batch of its own.</summary>
    /// <inheritdoc cref="BeginBatch"/>
    public T Write<T>(Func<HistoryBatch, T> act)
    {
        using var batch = BeginBatch();
        try
        {
            var done = act(batch);
            batch.Commit();
            return done;
        }
        catch (SqliteException error)
        {
            throw HistoryFaults.Explain(error, Path);
        }
    }

    /// <summary>Runs something on a connection for reading.</summary>
    /// <exception cref="HistoryException">The disk fails.</exception>
    public T Read<T>(Func<HistoryReader, T> act)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_idle.TryTake(out var reader)) reader = NewReader();
        try
        {
            return act(reader);
        }
        catch (SqliteException error)
        {
            throw HistoryFaults.Explain(error, Path);
        }
        finally
        {
            if (_disposed) reader.Dispose();
            else _idle.Add(reader);
        }
    }

    /// <summary>Writes what the log still holds into the database and empties the log, so that erased content is in neither.</summary>
    public void Settle()
    {
        _writing.Wait();
        try
        {
            SqliteSchema.Execute(_writer.Connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException error)
        {
            throw HistoryFaults.Explain(error, Path);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        while (_idle.TryTake(out var reader)) reader.Dispose();
        _writing.Wait();
        _writer.Dispose();
        _writing.Dispose();
    }

    private HistoryReader NewReader()
    {
        try
        {
            return new HistoryReader(SqliteJournalStart.Connect(_connectionString));
        }
        catch (SqliteException error)
        {
            throw HistoryFaults.Explain(error, Path);
        }
    }

    // SQLite makes its log and index files with the database's own rights.
    private static void MakePrivate(string path)
    {
        if (OperatingSystem.IsWindows() || File.Exists(path)) return;
        try
        {
            using var made = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first.
        }
    }
}
