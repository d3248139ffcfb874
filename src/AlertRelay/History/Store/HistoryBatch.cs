using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.History.Store;

/// <summary>
/// Writes under one transaction: all that was put becomes visible with <see cref="Commit"/>, nothing without it. Owned by one
/// thread; the store lets one batch at a time in.
/// </summary>
internal sealed class HistoryBatch : IDisposable
{
    private readonly HistoryWriter _writer;
    private readonly SqliteTransaction _transaction;
    private readonly Action _done;

    public HistoryBatch(HistoryWriter writer, Action done)
    {
        (_writer, _done) = (writer, done);
        _transaction = writer.Begin();
    }

    /// <summary>The source's number; one that is new is noted.</summary>
    public long Source(string name) => _writer.Source(name);

    /// <summary>Says that a source is told up to a moment; an earlier one changes nothing.</summary>
    public void Fresh(long source, DateTimeOffset asOf) => _writer.Fresh(source, asOf);

    public PutOutcome Put(long source, CustomerWrite customer) => _writer.Put(source, customer);

    /// <summary>A customer that is not kept yet is noted by key.</summary>
    public PutOutcome Put(InteractionWrite write) => _writer.Put(write);

    /// <summary>Runs a statement of this folder inside the batch.</summary>
    public T Run<T>(Func<SqliteConnection, SqliteTransaction, T> act) => act(_writer.Connection, _transaction);

    /// <exception cref="HistoryException">The disk does not take it; nothing was written.</exception>
    public void Commit()
    {
        try
        {
            _transaction.Commit();
        }
        catch (SqliteException error)
        {
            throw HistoryFaults.Explain(error, _writer.Path);
        }
    }

    public void Dispose()
    {
        _transaction.Dispose();
        _writer.End();
        _done();
    }
}
