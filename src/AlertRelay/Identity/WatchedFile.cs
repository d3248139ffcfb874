namespace EdgeAssist.AlertRelay.Identity;

/// <summary>
/// What was read from files, and is read again when one of them has changed. Looked at when it is asked for: handshakes are
/// rare. While a new file cannot be read the value stays as it was.
/// </summary>
public sealed class WatchedFile<T>
    where T : class
{
    private readonly IReadOnlyList<string> _paths;
    private readonly Func<T> _read;
    private readonly Action<string>? _onBad;

    // Handshakes come on any thread.
    private readonly Lock _gate = new();
    private T _current;
    private DateTime _stamp;

    /// <param name="paths">The files; not empty.</param>
    /// <param name="read">Reads them.</param>
    /// <param name="onBad">Is told why a changed file could not be used, once a change.</param>
    public WatchedFile(IReadOnlyList<string> paths, Func<T> read, Action<string>? onBad = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(read);
        (_paths, _read, _onBad) = (paths, read, onBad);
        _stamp = Stamp();
        _current = read();
    }

    public T Current
    {
        get
        {
            lock (_gate)
            {
                var stamp = Stamp();
                if (stamp == _stamp) return _current;
                _stamp = stamp;
                try
                {
                    _current = _read();
                }
                catch (Exception bad) when (bad is IOException or UnauthorizedAccessException or InvalidDataException or System.Security.Cryptography.CryptographicException)
                {
                    _onBad?.Invoke(bad.Message);
                }

                return _current;
            }
        }
    }

    private DateTime Stamp() => _paths.Max(File.GetLastWriteTimeUtc);
}
