package dev.crosscut.jdbc;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.Ref;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a statement that is stood in for. All is passed on, but for the statement. Written out, unlike what stands in
 * for connections and statements, as its methods are called for each value of each row.
 */
@SuppressWarnings("deprecation") // it has all methods of a ResultSet
final class ResultSetStandIn implements ResultSet {

    private final ResultSet rows;
    private final Statement statement;

    ResultSetStandIn(ResultSet rows, Statement statement) {
        this.rows = rows;
        this.statement = statement;
    }

    @Override
    public @Nullable Statement getStatement() throws SQLException {
        return rows.getStatement() == null ? null : statement;
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return rows.unwrap(type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return rows.isWrapperFor(type);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ResultSetStandIn another && another.rows.equals(rows);
    }

    @Override
    public int hashCode() {
        return rows.hashCode();
    }

    @Override
    public String toString() {
        return rows.toString();
    }

    @Override
    public boolean next() throws SQLException {
        return rows.next();
    }

    @Override
    public void close() throws SQLException {
        rows.close();
    }

    @Override
    public boolean wasNull() throws SQLException {
        return rows.wasNull();
    }

    @Override
    public String getString(int column) throws SQLException {
        return rows.getString(column);
    }

    @Override
    public boolean getBoolean(int column) throws SQLException {
        return rows.getBoolean(column);
    }

    @Override
    public byte getByte(int column) throws SQLException {
        return rows.getByte(column);
    }

    @Override
    public short getShort(int column) throws SQLException {
        return rows.getShort(column);
    }

    @Override
    public int getInt(int column) throws SQLException {
        return rows.getInt(column);
    }

    @Override
    public long getLong(int column) throws SQLException {
        return rows.getLong(column);
    }

    @Override
    public float getFloat(int column) throws SQLException {
        return rows.getFloat(column);
    }

    @Override
    public double getDouble(int column) throws SQLException {
        return rows.getDouble(column);
    }

    @Override
    @Deprecated
    public BigDecimal getBigDecimal(int column, int scale) throws SQLException {
        return rows.getBigDecimal(column, scale);
    }

    @Override
    public byte[] getBytes(int column) throws SQLException {
        return rows.getBytes(column);
    }

    @Override
    public Date getDate(int column) throws SQLException {
        return rows.getDate(column);
    }

    @Override
    public Time getTime(int column) throws SQLException {
        return rows.getTime(column);
    }

    @Override
    public Timestamp getTimestamp(int column) throws SQLException {
        return rows.getTimestamp(column);
    }

    @Override
    public InputStream getAsciiStream(int column) throws SQLException {
        return rows.getAsciiStream(column);
    }

    @Override
    @Deprecated
    public InputStream getUnicodeStream(int column) throws SQLException {
        return rows.getUnicodeStream(column);
    }

    @Override
    public InputStream getBinaryStream(int column) throws SQLException {
        return rows.getBinaryStream(column);
    }

    @Override
    public String getString(String column) throws SQLException {
        return rows.getString(column);
    }

    @Override
    public boolean getBoolean(String column) throws SQLException {
        return rows.getBoolean(column);
    }

    @Override
    public byte getByte(String column) throws SQLException {
        return rows.getByte(column);
    }

    @Override
    public short getShort(String column) throws SQLException {
        return rows.getShort(column);
    }

    @Override
    public int getInt(String column) throws SQLException {
        return rows.getInt(column);
    }

    @Override
    public long getLong(String column) throws SQLException {
        return rows.getLong(column);
    }

    @Override
    public float getFloat(String column) throws SQLException {
        return rows.getFloat(column);
    }

    @Override
    public double getDouble(String column) throws SQLException {
        return rows.getDouble(column);
    }

    @Override
    @Deprecated
    public BigDecimal getBigDecimal(String column, int scale) throws SQLException {
        return rows.getBigDecimal(column, scale);
    }

    @Override
    public byte[] getBytes(String column) throws SQLException {
        return rows.getBytes(column);
    }

    @Override
    public Date getDate(String column) throws SQLException {
        return rows.getDate(column);
    }

    @Override
    public Time getTime(String column) throws SQLException {
        return rows.getTime(column);
    }

    @Override
    public Timestamp getTimestamp(String column) throws SQLException {
        return rows.getTimestamp(column);
    }

    @Override
    public InputStream getAsciiStream(String column) throws SQLException {
        return rows.getAsciiStream(column);
    }

    @Override
    @Deprecated
    public InputStream getUnicodeStream(String column) throws SQLException {
        return rows.getUnicodeStream(column);
    }

    @Override
    public InputStream getBinaryStream(String column) throws SQLException {
        return rows.getBinaryStream(column);
    }

    @Override
    public SQLWarning getWarnings() throws SQLException {
        return rows.getWarnings();
    }

    @Override
    public void clearWarnings() throws SQLException {
        rows.clearWarnings();
    }

    @Override
    public String getCursorName() throws SQLException {
        return rows.getCursorName();
    }

    @Override
    public ResultSetMetaData getMetaData() throws SQLException {
        return rows.getMetaData();
    }

    @Override
    public Object getObject(int column) throws SQLException {
        return rows.getObject(column);
    }

    @Override
    public Object getObject(String column) throws SQLException {
        return rows.getObject(column);
    }

    @Override
    public int findColumn(String label) throws SQLException {
        return rows.findColumn(label);
    }

    @Override
    public Reader getCharacterStream(int column) throws SQLException {
        return rows.getCharacterStream(column);
    }

    @Override
    public Reader getCharacterStream(String column) throws SQLException {
        return rows.getCharacterStream(column);
    }

    @Override
    public BigDecimal getBigDecimal(int column) throws SQLException {
        return rows.getBigDecimal(column);
    }

    @Override
    public BigDecimal getBigDecimal(String column) throws SQLException {
        return rows.getBigDecimal(column);
    }

    @Override
    public boolean isBeforeFirst() throws SQLException {
        return rows.isBeforeFirst();
    }

    @Override
    public boolean isAfterLast() throws SQLException {
        return rows.isAfterLast();
    }

    @Override
    public boolean isFirst() throws SQLException {
        return rows.isFirst();
    }

    @Override
    public boolean isLast() throws SQLException {
        return rows.isLast();
    }

    @Override
    public void beforeFirst() throws SQLException {
        rows.beforeFirst();
    }

    @Override
    public void afterLast() throws SQLException {
        rows.afterLast();
    }

    @Override
    public boolean first() throws SQLException {
        return rows.first();
    }

    @Override
    public boolean last() throws SQLException {
        return rows.last();
    }

    @Override
    public int getRow() throws SQLException {
        return rows.getRow();
    }

    @Override
    public boolean absolute(int count) throws SQLException {
        return rows.absolute(count);
    }

    @Override
    public boolean relative(int count) throws SQLException {
        return rows.relative(count);
    }

    @Override
    public boolean previous() throws SQLException {
        return rows.previous();
    }

    @Override
    public void setFetchDirection(int direction) throws SQLException {
        rows.setFetchDirection(direction);
    }

    @Override
    public int getFetchDirection() throws SQLException {
        return rows.getFetchDirection();
    }

    @Override
    public void setFetchSize(int count) throws SQLException {
        rows.setFetchSize(count);
    }

    @Override
    public int getFetchSize() throws SQLException {
        return rows.getFetchSize();
    }

    @Override
    public int getType() throws SQLException {
        return rows.getType();
    }

    @Override
    public int getConcurrency() throws SQLException {
        return rows.getConcurrency();
    }

    @Override
    public boolean rowUpdated() throws SQLException {
        return rows.rowUpdated();
    }

    @Override
    public boolean rowInserted() throws SQLException {
        return rows.rowInserted();
    }

    @Override
    public boolean rowDeleted() throws SQLException {
        return rows.rowDeleted();
    }

    @Override
    public void updateNull(int column) throws SQLException {
        rows.updateNull(column);
    }

    @Override
    public void updateBoolean(int column, boolean value) throws SQLException {
        rows.updateBoolean(column, value);
    }

    @Override
    public void updateByte(int column, byte value) throws SQLException {
        rows.updateByte(column, value);
    }

    @Override
    public void updateShort(int column, short value) throws SQLException {
        rows.updateShort(column, value);
    }

    @Override
    public void updateInt(int column, int value) throws SQLException {
        rows.updateInt(column, value);
    }

    @Override
    public void updateLong(int column, long value) throws SQLException {
        rows.updateLong(column, value);
    }

    @Override
    public void updateFloat(int column, float value) throws SQLException {
        rows.updateFloat(column, value);
    }

    @Override
    public void updateDouble(int column, double value) throws SQLException {
        rows.updateDouble(column, value);
    }

    @Override
    public void updateBigDecimal(int column, BigDecimal value) throws SQLException {
        rows.updateBigDecimal(column, value);
    }

    @Override
    public void updateString(int column, String value) throws SQLException {
        rows.updateString(column, value);
    }

    @Override
    public void updateBytes(int column, byte[] value) throws SQLException {
        rows.updateBytes(column, value);
    }

    @Override
    public void updateDate(int column, Date value) throws SQLException {
        rows.updateDate(column, value);
    }

    @Override
    public void updateTime(int column, Time value) throws SQLException {
        rows.updateTime(column, value);
    }

    @Override
    public void updateTimestamp(int column, Timestamp value) throws SQLException {
        rows.updateTimestamp(column, value);
    }

    @Override
    public void updateAsciiStream(int column, InputStream value, int length) throws SQLException {
        rows.updateAsciiStream(column, value, length);
    }

    @Override
    public void updateBinaryStream(int column, InputStream value, int length) throws SQLException {
        rows.updateBinaryStream(column, value, length);
    }

    @Override
    public void updateCharacterStream(int column, Reader value, int length) throws SQLException {
        rows.updateCharacterStream(column, value, length);
    }

    @Override
    public void updateObject(int column, Object value, int scale) throws SQLException {
        rows.updateObject(column, value, scale);
    }

    @Override
    public void updateObject(int column, Object value) throws SQLException {
        rows.updateObject(column, value);
    }

    @Override
    public void updateNull(String column) throws SQLException {
        rows.updateNull(column);
    }

    @Override
    public void updateBoolean(String column, boolean value) throws SQLException {
        rows.updateBoolean(column, value);
    }

    @Override
    public void updateByte(String column, byte value) throws SQLException {
        rows.updateByte(column, value);
    }

    @Override
    public void updateShort(String column, short value) throws SQLException {
        rows.updateShort(column, value);
    }

    @Override
    public void updateInt(String column, int value) throws SQLException {
        rows.updateInt(column, value);
    }

    @Override
    public void updateLong(String column, long value) throws SQLException {
        rows.updateLong(column, value);
    }

    @Override
    public void updateFloat(String column, float value) throws SQLException {
        rows.updateFloat(column, value);
    }

    @Override
    public void updateDouble(String column, double value) throws SQLException {
        rows.updateDouble(column, value);
    }

    @Override
    public void updateBigDecimal(String column, BigDecimal value) throws SQLException {
        rows.updateBigDecimal(column, value);
    }

    @Override
    public void updateString(String column, String value) throws SQLException {
        rows.updateString(column, value);
    }

    @Override
    public void updateBytes(String column, byte[] value) throws SQLException {
        rows.updateBytes(column, value);
    }

    @Override
    public void updateDate(String column, Date value) throws SQLException {
        rows.updateDate(column, value);
    }

    @Override
    public void updateTime(String column, Time value) throws SQLException {
        rows.updateTime(column, value);
    }

    @Override
    public void updateTimestamp(String column, Timestamp value) throws SQLException {
        rows.updateTimestamp(column, value);
    }

    @Override
    public void updateAsciiStream(String column, InputStream value, int length) throws SQLException {
        rows.updateAsciiStream(column, value, length);
    }

    @Override
    public void updateBinaryStream(String column, InputStream value, int length) throws SQLException {
        rows.updateBinaryStream(column, value, length);
    }

    @Override
    public void updateCharacterStream(String column, Reader value, int length) throws SQLException {
        rows.updateCharacterStream(column, value, length);
    }

    @Override
    public void updateObject(String column, Object value, int scale) throws SQLException {
        rows.updateObject(column, value, scale);
    }

    @Override
    public void updateObject(String column, Object value) throws SQLException {
        rows.updateObject(column, value);
    }

    @Override
    public void insertRow() throws SQLException {
        rows.insertRow();
    }

    @Override
    public void updateRow() throws SQLException {
        rows.updateRow();
    }

    @Override
    public void deleteRow() throws SQLException {
        rows.deleteRow();
    }

    @Override
    public void refreshRow() throws SQLException {
        rows.refreshRow();
    }

    @Override
    public void cancelRowUpdates() throws SQLException {
        rows.cancelRowUpdates();
    }

    @Override
    public void moveToInsertRow() throws SQLException {
        rows.moveToInsertRow();
    }

    @Override
    public void moveToCurrentRow() throws SQLException {
        rows.moveToCurrentRow();
    }

    @Override
    public Object getObject(int column, Map<String, Class<?>> types) throws SQLException {
        return rows.getObject(column, types);
    }

    @Override
    public Ref getRef(int column) throws SQLException {
        return rows.getRef(column);
    }

    @Override
    public Blob getBlob(int column) throws SQLException {
        return rows.getBlob(column);
    }

    @Override
    public Clob getClob(int column) throws SQLException {
        return rows.getClob(column);
    }

    @Override
    public Array getArray(int column) throws SQLException {
        return rows.getArray(column);
    }

    @Override
    public Object getObject(String column, Map<String, Class<?>> types) throws SQLException {
        return rows.getObject(column, types);
    }

    @Override
    public Ref getRef(String column) throws SQLException {
        return rows.getRef(column);
    }

    @Override
    public Blob getBlob(String column) throws SQLException {
        return rows.getBlob(column);
    }

    @Override
    public Clob getClob(String column) throws SQLException {
        return rows.getClob(column);
    }

    @Override
    public Array getArray(String column) throws SQLException {
        return rows.getArray(column);
    }

    @Override
    public Date getDate(int column, Calendar calendar) throws SQLException {
        return rows.getDate(column, calendar);
    }

    @Override
    public Date getDate(String column, Calendar calendar) throws SQLException {
        return rows.getDate(column, calendar);
    }

    @Override
    public Time getTime(int column, Calendar calendar) throws SQLException {
        return rows.getTime(column, calendar);
    }

    @Override
    public Time getTime(String column, Calendar calendar) throws SQLException {
        return rows.getTime(column, calendar);
    }

    @Override
    public Timestamp getTimestamp(int column, Calendar calendar) throws SQLException {
        return rows.getTimestamp(column, calendar);
    }

    @Override
    public Timestamp getTimestamp(String column, Calendar calendar) throws SQLException {
        return rows.getTimestamp(column, calendar);
    }

    @Override
    public URL getURL(int column) throws SQLException {
        return rows.getURL(column);
    }

    @Override
    public URL getURL(String column) throws SQLException {
        return rows.getURL(column);
    }

    @Override
    public void updateRef(int column, Ref value) throws SQLException {
        rows.updateRef(column, value);
    }

    @Override
    public void updateRef(String column, Ref value) throws SQLException {
        rows.updateRef(column, value);
    }

    @Override
    public void updateBlob(int column, Blob value) throws SQLException {
        rows.updateBlob(column, value);
    }

    @Override
    public void updateBlob(String column, Blob value) throws SQLException {
        rows.updateBlob(column, value);
    }

    @Override
    public void updateClob(int column, Clob value) throws SQLException {
        rows.updateClob(column, value);
    }

    @Override
    public void updateClob(String column, Clob value) throws SQLException {
        rows.updateClob(column, value);
    }

    @Override
    public void updateArray(int column, Array value) throws SQLException {
        rows.updateArray(column, value);
    }

    @Override
    public void updateArray(String column, Array value) throws SQLException {
        rows.updateArray(column, value);
    }

    @Override
    public RowId getRowId(int column) throws SQLException {
        return rows.getRowId(column);
    }

    @Override
    public RowId getRowId(String column) throws SQLException {
        return rows.getRowId(column);
    }

    @Override
    public void updateRowId(int column, RowId value) throws SQLException {
        rows.updateRowId(column, value);
    }

    @Override
    public void updateRowId(String column, RowId value) throws SQLException {
        rows.updateRowId(column, value);
    }

    @Override
    public int getHoldability() throws SQLException {
        return rows.getHoldability();
    }

    @Override
    public boolean isClosed() throws SQLException {
        return rows.isClosed();
    }

    @Override
    public void updateNString(int column, String value) throws SQLException {
        rows.updateNString(column, value);
    }

    @Override
    public void updateNString(String column, String value) throws SQLException {
        rows.updateNString(column, value);
    }

    @Override
    public void updateNClob(int column, NClob value) throws SQLException {
        rows.updateNClob(column, value);
    }

    @Override
    public void updateNClob(String column, NClob value) throws SQLException {
        rows.updateNClob(column, value);
    }

    @Override
    public NClob getNClob(int column) throws SQLException {
        return rows.getNClob(column);
    }

    @Override
    public NClob getNClob(String column) throws SQLException {
        return rows.getNClob(column);
    }

    @Override
    public SQLXML getSQLXML(int column) throws SQLException {
        return rows.getSQLXML(column);
    }

    @Override
    public SQLXML getSQLXML(String column) throws SQLException {
        return rows.getSQLXML(column);
    }

    @Override
    public void updateSQLXML(int column, SQLXML value) throws SQLException {
        rows.updateSQLXML(column, value);
    }

    @Override
    public void updateSQLXML(String column, SQLXML value) throws SQLException {
        rows.updateSQLXML(column, value);
    }

    @Override
    public String getNString(int column) throws SQLException {
        return rows.getNString(column);
    }

    @Override
    public String getNString(String column) throws SQLException {
        return rows.getNString(column);
    }

    @Override
    public Reader getNCharacterStream(int column) throws SQLException {
        return rows.getNCharacterStream(column);
    }

    @Override
    public Reader getNCharacterStream(String column) throws SQLException {
        return rows.getNCharacterStream(column);
    }

    @Override
    public void updateNCharacterStream(int column, Reader value, long length) throws SQLException {
        rows.updateNCharacterStream(column, value, length);
    }

    @Override
    public void updateNCharacterStream(String column, Reader value, long length) throws SQLException {
        rows.updateNCharacterStream(column, value, length);
    }

    @Override
    public void updateAsciiStream(int column, InputStream value, long length) throws SQLException {
        rows.updateAsciiStream(column, value, length);
    }

    @Override
    public void updateBinaryStream(int column, InputStream value, long length) throws SQLException {
        rows.updateBinaryStream(column, value, length);
    }

    @Override
    public void updateCharacterStream(int column, Reader value, long length) throws SQLException {
        rows.updateCharacterStream(column, value, length);
    }

    @Override
    public void updateAsciiStream(String column, InputStream value, long length) throws SQLException {
        rows.updateAsciiStream(column, value, length);
    }

    @Override
    public void updateBinaryStream(String column, InputStream value, long length) throws SQLException {
        rows.updateBinaryStream(column, value, length);
    }

    @Override
    public void updateCharacterStream(String column, Reader value, long length) throws SQLException {
        rows.updateCharacterStream(column, value, length);
    }

    @Override
    public void updateBlob(int column, InputStream value, long length) throws SQLException {
        rows.updateBlob(column, value, length);
    }

    @Override
    public void updateBlob(String column, InputStream value, long length) throws SQLException {
        rows.updateBlob(column, value, length);
    }

    @Override
    public void updateClob(int column, Reader value, long length) throws SQLException {
        rows.updateClob(column, value, length);
    }

    @Override
    public void updateClob(String column, Reader value, long length) throws SQLException {
        rows.updateClob(column, value, length);
    }

    @Override
    public void updateNClob(int column, Reader value, long length) throws SQLException {
        rows.updateNClob(column, value, length);
    }

    @Override
    public void updateNClob(String column, Reader value, long length) throws SQLException {
        rows.updateNClob(column, value, length);
    }

    @Override
    public void updateNCharacterStream(int column, Reader value) throws SQLException {
        rows.updateNCharacterStream(column, value);
    }

    @Override
    public void updateNCharacterStream(String column, Reader value) throws SQLException {
        rows.updateNCharacterStream(column, value);
    }

    @Override
    public void updateAsciiStream(int column, InputStream value) throws SQLException {
        rows.updateAsciiStream(column, value);
    }

    @Override
    public void updateBinaryStream(int column, InputStream value) throws SQLException {
        rows.updateBinaryStream(column, value);
    }

    @Override
    public void updateCharacterStream(int column, Reader value) throws SQLException {
        rows.updateCharacterStream(column, value);
    }

    @Override
    public void updateAsciiStream(String column, InputStream value) throws SQLException {
        rows.updateAsciiStream(column, value);
    }

    @Override
    public void updateBinaryStream(String column, InputStream value) throws SQLException {
        rows.updateBinaryStream(column, value);
    }

    @Override
    public void updateCharacterStream(String column, Reader value) throws SQLException {
        rows.updateCharacterStream(column, value);
    }

    @Override
    public void updateBlob(int column, InputStream value) throws SQLException {
        rows.updateBlob(column, value);
    }

    @Override
    public void updateBlob(String column, InputStream value) throws SQLException {
        rows.updateBlob(column, value);
    }

    @Override
    public void updateClob(int column, Reader value) throws SQLException {
        rows.updateClob(column, value);
    }

    @Override
    public void updateClob(String column, Reader value) throws SQLException {
        rows.updateClob(column, value);
    }

    @Override
    public void updateNClob(int column, Reader value) throws SQLException {
        rows.updateNClob(column, value);
    }

    @Override
    public void updateNClob(String column, Reader value) throws SQLException {
        rows.updateNClob(column, value);
    }

    @Override
    public <T> T getObject(int column, Class<T> type) throws SQLException {
        return rows.getObject(column, type);
    }

    @Override
    public <T> T getObject(String column, Class<T> type) throws SQLException {
        return rows.getObject(column, type);
    }

    @Override
    public void updateObject(int column, Object value, SQLType sqlType, int scale) throws SQLException {
        rows.updateObject(column, value, sqlType, scale);
    }

    @Override
    public void updateObject(String column, Object value, SQLType sqlType, int scale) throws SQLException {
        rows.updateObject(column, value, sqlType, scale);
    }

    @Override
    public void updateObject(int column, Object value, SQLType sqlType) throws SQLException {
        rows.updateObject(column, value, sqlType);
    }

    @Override
    public void updateObject(String column, Object value, SQLType sqlType) throws SQLException {
        rows.updateObject(column, value, sqlType);
    }
}
