using System.Runtime.InteropServices;

namespace EdgeAssist.Fuzz;

/// <summary>Runs a target without instrumentation, for the normal test run: the same mutations, no guidance.</summary>
internal static class FuzzRun
{
    private const int MapLength = 1 << 8;

    public static unsafe FuzzSummary Unguided(FuzzTarget target, int runs, int seed)
    {
        var map = (byte*)NativeMemory.AllocZeroed(MapLength);
        try
        {
            return new FuzzLoop(map, MapLength, findingsFolder: null).Run(target, TimeSpan.FromSeconds(60), runs, seed);
        }
        finally
        {
            NativeMemory.Free(map);
        }
    }
}
