using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeAssist.AlertRelay.Measures.Statistics;

/// <summary>
/// The normal equations of weighted least squares, gathered piece by piece. A column that the others explain (a weekday that
/// does not occur, an arm without a call) gets the coefficient 0 and is told.
/// </summary>
internal sealed class LeastSquares(int columns)
{
    private const double Dependent = 1e-9;

    private readonly double[] _matrix = new double[columns * (columns + 1) / 2];   // lower triangle, row by row
    private readonly double[] _right = new double[columns];
    private readonly double[] _factor = new double[columns * (columns + 1) / 2];

    /// <summary>Adds <paramref name="count"/> units that sum up to <paramref name="sum"/>, with 1 in the given columns (rising) and 0 elsewhere.</summary>
    public void Add(ReadOnlySpan<int> ones, double count, double sum)
    {
        for (var i = 0; i < ones.Length; i++)
        {
            _right[ones[i]] += sum;
            for (var j = 0; j <= i; j++) _matrix[Row(ones[i]) + ones[j]] += count;
        }
    }

    /// <summary>Adds another set of equations, <paramref name="times"/> over.</summary>
    public void Add(LeastSquares other, double times)
    {
        AddTo(_matrix, other._matrix, times);
        AddTo(_right, other._right, times);
    }

    public void Clear()
    {
        Array.Clear(_matrix);
        Array.Clear(_right);
    }

    /// <summary>Solves by Cholesky's decomposition.</summary>
    /// <param name="solution">Receives the coefficients; shape [columns].</param>
    /// <param name="column">The column that is asked for.</param>
    /// <returns>False when the data cannot tell that column's coefficient from the others'.</returns>
    public bool TrySolve(Span<double> solution, int column)
    {
        var found = Factorise(column);
        for (var i = 0; i < columns; i++)
        {
            var sum = _right[i];
            for (var k = 0; k < i; k++) sum -= _factor[Row(i) + k] * solution[k];
            solution[i] = Over(sum, _factor[Row(i) + i]);
        }

        for (var i = columns - 1; i >= 0; i--)
        {
            var sum = solution[i];
            for (var k = i + 1; k < columns; k++) sum -= _factor[Row(k) + i] * solution[k];
            solution[i] = Over(sum, _factor[Row(i) + i]);
        }

        return found;
    }

    private bool Factorise(int column)
    {
        var found = true;
        for (var i = 0; i < columns; i++)
        {
            var row = _factor.AsSpan(Row(i), i + 1);
            for (var j = 0; j <= i; j++)
            {
                var other = _factor.AsSpan(Row(j), j + 1);
                var sum = _matrix[Row(i) + j];
                for (var k = 0; k < j; k++) sum -= row[k] * other[k];
                if (j < i) row[j] = Over(sum, other[j]);
                else if (sum > Dependent * Math.Max(1, _matrix[Row(i) + i])) row[i] = Math.Sqrt(sum);
                else (row[i], found) = (0, found && i != column);
            }
        }

        return found;
    }

    private static int Row(int row) => row * (row + 1) / 2;

    private static double Over(double sum, double pivot) => pivot == 0 ? 0 : sum / pivot;

    private static void AddTo(double[] sum, double[] addend, double times)
    {
        var wideSum = MemoryMarshal.Cast<double, Vector<double>>(sum.AsSpan());
        var wideAddend = MemoryMarshal.Cast<double, Vector<double>>(addend.AsSpan());
        var factor = new Vector<double>(times);
        for (var i = 0; i < wideSum.Length; i++) wideSum[i] += wideAddend[i] * factor;
        for (var i = wideSum.Length * Vector<double>.Count; i < sum.Length; i++) sum[i] += addend[i] * times;
    }
}
