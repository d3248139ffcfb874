using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.History.Store;

/// <summary>A statement that is prepared once and run often. One thread at a time.</summary>
internal sealed class Statement : IDisposable
{
    private readonly SqliteCommand _command;

    /// <param name="connection">Open.</param>
    /// <param name="sql">A constant of this folder.</param>
    /// <param name="parameters">Their names, in the order in which values are given.</param>
    public Statement(SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        _command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this folder.
        _command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var name in parameters) _command.Parameters.Add(new SqliteParameter { ParameterName = name, Value = DBNull.Value });
    }

    public SqliteTransaction? Transaction
    {
        set => _command.Transaction = value;
    }

    public int Run(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteNonQuery();
    }

    public object? Scalar(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteScalar();
    }

    public SqliteDataReader Query(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteReader();
    }

    public void Dispose() => _command.Dispose();

    private void Bind(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++) _command.Parameters[i].Value = values[i] ?? DBNull.Value;
    }
}
