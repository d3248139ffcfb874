namespace EdgeAssist.Client.Streams;

/// <summary>
/// How far a watch has come, over all its connections: the token to resume with and the last offset handed on. Knows no
/// connection and no clock.
/// </summary>
internal sealed class WatchProgress(bool wantsSnapshot)
{
    private string _epoch = "";
    private long _offset;
    private bool _snapshotUnderWay;

    /// <summary>For the next connection; empty: begin anew.</summary>
    public string ResumeToken { get; private set; } = "";

    /// <summary>The next connection asks for a snapshot.</summary>
    public bool AskSnapshot => wantsSnapshot && ResumeToken.Length == 0;

    /// <summary>The connection ended while a snapshot was being told: what came of it is void.</summary>
    public bool TakeInterruptedSnapshot()
    {
        var interrupted = _snapshotUnderWay;
        _snapshotUnderWay = false;
        return interrupted;
    }

    public void OnHello(V1.Hello hello)
    {
        if (hello.Epoch != _epoch) (_epoch, _offset) = (hello.Epoch, 0);
        Keep(hello.ResumeToken);
    }

    public void OnSnapshot() => _snapshotUnderWay = true;

    public void OnSnapshotEnd(V1.SnapshotEnd end)
    {
        _snapshotUnderWay = false;
        _offset = Math.Max(_offset, end.Bookmark);
        Keep(end.ResumeToken);
    }

    /// <summary>False for an event that was handed on before.</summary>
    public bool OnEvent(EventPlace place)
    {
        if (place.Offset != 0 && place.Epoch == _epoch && place.Offset <= _offset) return false;
        if (place.Offset != 0) _offset = place.Offset;
        Keep(place.ResumeToken);
        return true;
    }

    /// <summary>False for what was handed on before.</summary>
    public bool OnRevoked(V1.Revoked revoked) => OnEvent(new EventPlace(_epoch, revoked.Offset, revoked.ResumeToken, null));

    public void OnToken(string resumeToken) => Keep(resumeToken);

    /// <summary>The server cannot go on from the token.</summary>
    public void OnOutOfRange()
    {
        ResumeToken = "";
        (_epoch, _offset) = ("", 0);
        _snapshotUnderWay = false;
    }

    private void Keep(string resumeToken)
    {
        if (resumeToken.Length > 0) ResumeToken = resumeToken;
    }
}
